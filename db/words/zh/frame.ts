/** What stands around every page of a relative. */
export const frame = {
  app: 'e通办',
  home: '首页',
  help: '帮助',
  signIn: '登录',
  skip: '跳到正文',
  inApp: '请先换到手机自带的浏览器',
  inAppHow:
    '这个页面是在微信、QQ 这类应用里打开的。请点右上角的“…”，选“在浏览器打开”；苹果手机选“在 Safari 中打开”。在这里写的内容，换了浏览器就看不到了。',
  reading: '正在读取这部手机里的内容…',
  telephone: '监所电话',
  hours: '接听时间',
}
