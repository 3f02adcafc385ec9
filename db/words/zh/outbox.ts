/** The quiet line that says what waits on this device, and what the person can do about it, if anything. */
export const outbox = {
  /** the state of something that no answer has acknowledged yet */
  onPhone: '已存在手机',
  /** the same where the browser keeps nothing */
  onPage: '还没有送出',
  waiting: (count: number) => `${count} 项还没有送出`,
  sent: '写好的都已送达监所',
  states: {
    idle: '',
    sending: '正在送出',
    offline: '没有网络，写好的都存在这部手机里，有网络时会自动送出',
    portal: '这个网络要先登录才能用。写好的都存在这部手机里，连上后会自动送出',
    signedOut: '请重新登录，写好的都存在这部手机里，登录后会自动送出',
    update: '应用有新版本。请关掉页面再打开一次，写好的都还在',
    full: '手机存储空间已满。请腾出一些空间，再打开这个页面',
  },
  heard: (at: string) => `上次连上监所：${at}`,
  lost: (count: number) =>
    `浏览器清掉了这部手机里保存的内容。已送达监所的会自动取回；${count > 0 ? `还没送出的 ${count} 项没有了，请重新写` : '写了一半的可能没有了'}`,
  lostRead: '知道了',
  notLasting: '这个浏览器不保存内容，没有送出的会随页面一起丢失。请保持联网，等到显示“已送达监所”再关掉页面',
}
