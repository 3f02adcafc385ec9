/** A letter that came back for changes, above where it is written. */
export const mending = {
  title: (count: number) => `这封信里有 ${count} 处需要修改`,
  find: '在信里找到这一处',
  gone: '这一处已经改过',
}
