/** Photos of papers for a claim or an engagement. */
export const papers = {
  title: (person: string) => `${person}：补材料照片`,
  /** of what they are */
  which: {
    claims: '可以拍户口簿、结婚证、出生证明等，最多 3 张，没有也可以申请。',
    engagements: '请拍授权委托书或法律援助公函、律所证明和执业证，最多 3 张。',
  },
  why: '照片只有您选的监所的民警能看，每看一次都有记录，办完以后保存 90 天。',
  held: (held: number, most: number) => `已送到 ${held} 张，最多 ${most} 张`,
  choose: '拍照或选照片',
  sending: '正在送…',
  again: (count: number) => `再送一次（还有 ${count} 张）`,
  silent: '照片没有送到，可能是网络断了。请不要关掉页面，再送一次。',
  unreadable: '这张照片打不开，请换一张',
  tooMany: '照片太多了，请少选几张',
}
