/** The page that is shown where one is not there, or did not open. */
export const fault = {
  notFound: '这里没有这个页面',
  notFoundWhy: '地址可能打错了，或者页面已经搬走。您写的内容都在这部手机里。',
  broken: '这个页面没有打开',
  brokenWhy: '可能是网络断了，也可能是我们的问题。您写的内容都在这部手机里，请再试一次。',
  again: '再试一次',
}
