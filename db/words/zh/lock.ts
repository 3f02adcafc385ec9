/** What stands before everything while the lock is shut. */
export const lock = {
  title: '已锁上',
  pin: '输入 6 位 PIN',
  open: '打开',
  opening: '正在打开…',
  short: '请填 6 位数字',
  wrong: 'PIN 不对，请再试一次',
  paused: (seconds: number) => `错的次数太多，请等 ${seconds} 秒再试。写好的内容都在`,
  forgotten: '忘了 PIN，或者换人用',
  forgottenWhat: '可以重新登录：要短信验证码，还要像新手机一样核对一次。锁会取消，以后可以再设。',
  holds: (unsent: number, drafts: number) =>
    `这部手机里还有 ${unsent} 件没有送出、${drafts} 份草稿。它们会一直封存着，同一个账号重新登录以后就回来，别人看不到。`,
  no: '再想想 PIN',
  yes: '重新登录',
  silent: '现在没有网络，不能重新登录。锁着的内容都在，请过一会儿再试',
  passkey: '用通行密钥打开',
  cancelled: '没有确认。可以再试一次，或者输 PIN',
  unable: '这个通行密钥打不开，请输 PIN',
}
