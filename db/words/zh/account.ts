/** The other half of signing in on a new phone. */
export const prove = {
  title: '第一次在这部手机上登录',
  why: '手机号码会换主人。为了不让别人看到您的信，请再核对一次。',
  ask: { passkey: '用您的通行密钥证明是您本人', lastSix: '证件号码的最后六位', invite: '新的邀请码' },
  hint: {
    passkey: '在旧手机上设过的通行密钥，可能已经同步到这部手机，也可以用旧手机确认',
    lastSix: '您登记过的身份证或其他证件。最后一位可能是字母 X',
    invite: '请向监所要一个新的邀请码，给同一位亲属、用同一个姓名的',
  },
  check: '核对',
  instead: { passkey: '改用通行密钥', lastSix: '改用证件号码', invite: '改用新的邀请码' },
  lastSixWrong: '同登记的证件不一样，请核对',
  inviteWrong: '这个邀请码不能用：可能用过、过了期，或者不是给这个账号的',
  tooMany: '试的次数太多了。请明天再试，或者改用别的办法',
  noNetwork: '现在没有网络，请过一会儿再试',
  anew: '这个号码以前是别人的，我是新用户',
  anewAsk: '这个号码会归到一个新的账号。以前的事项不会出现在这里，也不能再用这个号码打开。',
  yesAnew: '是，我是新用户',
  noAnew: '先不办',
  neither: '都不行？请打监所电话，或者带证件到监所办理。您在这部手机里写的内容都在。',
}

/** A passkey: another way in, and the other half of the way on a new phone. */
export const passkeys = {
  signIn: '用通行密钥登录',
  how: '设过通行密钥的，用指纹、面容或锁屏密码登录，不用短信',
  working: '请在弹出的窗口里确认…',
  offer: '下次不用短信也能登录',
  what: '在手机里存一个通行密钥，以后用指纹、面容或锁屏密码登录。换了新手机，它也能证明是您本人。指纹和面容不会离开您的手机。',
  shared: '能打开这部手机的人，也能用它登录。这部手机别人也在用的，请先不要设。',
  setUp: '设一个通行密钥',
  notNow: '以后再说',
  goOn: '继续',
  after: '以后可以在首页的“通行密钥”里设。',
  done: '设好了',
  reading: '正在读取…',
  none: '还没有通行密钥。',
  kinds: { securityKey: '安全密钥', device: '存在一台设备里', synced: '由手机厂商同步' },
  since: (time: string) => `${time} 设的`,
  used: (time: string) => `${time} 最近用过`,
  remove: '删除',
  removeAsk: '删除以后，不能再用它登录，其他手机也要重新登录。确定吗？',
  yesRemove: '确定删除',
  noRemove: '先不办',
  removed: '已经删除',
  first: '您登录有一会儿了。先确认是您本人，再设新的。',
  confirm: '用已有的通行密钥确认',
  confirmed: '已确认。现在可以设新的。',
  again: '重新登录一次',
  trouble: {
    cancelled: '没有完成：可能是取消了，或者等得太久。请再试一次',
    wrong: '这个通行密钥不能用：没有设过，或者已经删除。请用短信验证码登录',
    known: '这部手机已经设过了',
    unable: '这部手机不能存通行密钥。请先设好锁屏密码',
    silent: '现在没有网络，请过一会儿再试',
    tooMany: '试的次数太多了，请过一会儿再试',
    failed: '浏览器没有完成这一步，请再试一次',
    code: '刚才的验证码已经过期，请重新登录',
  },
  impossible: {
    unsupported: '这个浏览器不能用通行密钥。请用手机自带的浏览器或新版的 Chrome、Edge 打开；微信里请选“在浏览器打开”',
    insecure: '这个地址不是 HTTPS，不能用通行密钥。请用监所给的 https 地址打开',
    address: '用数字地址打开的页面不能用通行密钥。请用监所给的网址打开',
  },
}

/** Signing in by another server, such as the province's app. */
export const providers = {
  by: (name: string) => `用${name}登录`,
  working: '正在登录…',
  silent: '现在连不上，请过一会儿再试，或者用短信验证码登录',
  noNumber: '那里没有您核实过的手机号码。请用短信验证码登录',
  refused: '没有登录成：可能是取消了，或者等得太久。请再试一次，或者用短信验证码登录',
}

/** A PIN over what this phone keeps. */
export const appLock = {
  what: '用 6 位 PIN 把这部手机里的信、草稿和没送出的内容锁上。没有网络也能打开。',
  limits: [
    '5 分钟没有动，或者离开这个页面以后，会自动锁上。',
    '能挡住：借用、捡到这部手机的人翻看您的信。',
    '挡不住：懂技术的人从手机里直接取走登录信息。手机丢了，请在别的手机上“登录过的手机”里让它退出。',
    '锁上的时候不送信：打开以后才接着送。',
    '忘了 PIN：要重新登录，没送出的内容还在。',
  ],
  pin: '设一个 6 位 PIN（不要用生日或 123456）',
  again: '再输一次',
  hidden: '离开页面多久以后锁上',
  after: (minutes: number) => (minutes === 0 ? '马上' : `${minutes} 分钟`),
  short: '请填 6 位数字',
  different: '两次输入的不一样',
  silent: '现在没有网络，请过一会儿再试',
  noKey: '这个浏览器不能加密，请换新一些的浏览器，用监所给的 https 地址打开',
  working: '正在设置…',
  switchOn: '打开应用锁',
  switchOff: '关掉应用锁',
  on: '应用锁已经打开。请记住 PIN',
  off: '应用锁已经关掉',
  isOn: (minutes: number) =>
    minutes === 0 ? '已打开：离开页面马上锁上。' : `已打开：离开页面 ${minutes} 分钟以后锁上。`,
}

/** Who somebody is. */
export const document = {
  reading: '正在读取…',
  before: '填写之前请知道',
  promises: [
    '留什么：证件的种类、号码和姓名。不留照片。',
    '为什么：监所要核对您是谁；换手机登录时，号码的最后六位能证明是您本人。',
    '怎么留：号码加密保存，屏幕上只显示最后四位。',
    '谁能看：您自己，和办理您亲属事项的民警。不会告诉别人，也不用来做别的事。',
    '留多久：您使用e通办期间。您可以随时改填。',
  ],
  begin: '知道了，填写证件',
  again: '改填证件',
  back: '先不填',
  kind: '证件种类',
  kinds: {
    residentCard: '居民身份证',
    passport: '护照',
    hmtPass: '港澳台居民通行证或居住证',
    residencePermit: '外国人永久居留身份证',
  },
  name: '姓名（与证件一致）',
  nameWrong: '请填写姓名',
  number: '证件号码',
  numberWrong: {
    residentCard: '身份证号码不对：应是 18 位，请逐位核对',
    passport: '护照号码不对：应是 6 到 12 位字母和数字',
    hmtPass: '号码不对，请照证件逐位核对',
    residencePermit: '号码不对，请照证件逐位核对',
  },
  state: '保存',
  silent: '现在没有网络。填的内容还在，请过一会儿再试',
  done: '已经保存。民警核对证件以后，这里会写明。',
  check: '核对',
  unchecked: '等民警核对。去监所时请带上证件',
  checked: (time: string) => `民警已于 ${time} 核对`,
}

/** Where somebody is signed in. */
export const devices = {
  what: '手机丢了，或者借别人的手机用过，在这里让它退出。它下次打开时，里面的内容会清掉。',
  reading: '正在读取…',
  silent: '现在没有网络，请过一会儿再看',
  here: '这部手机',
  systems: {
    android: '安卓手机',
    iPhone: '苹果手机',
    iPad: '苹果平板',
    windows: 'Windows 电脑',
    mac: '苹果电脑',
    linux: 'Linux 电脑',
    other: '其他设备',
  },
  browsers: { weChat: '微信', edge: 'Edge', firefox: 'Firefox', chrome: 'Chrome', safari: 'Safari', other: '浏览器' },
  since: (time: string) => `${time} 登录`,
  used: (day: string) => `最近用过：${day}`,
  end: '让它退出',
  endAsk: '它要重新核对才能登录，没有送出的内容会锁在那部手机里。确定吗？',
  yesEnd: '确定退出',
  noEnd: '先不办',
  ended: '已经退出。它最晚 5 分钟以后就看不到您的内容了。',
  alone: '只有这一部手机登录着。',
  others: '其他手机全部退出',
}

/** All that is held about somebody. */
export const copy = {
  title: '我的信息副本',
  what: '可以取得本系统保存的、关于您的全部信息：一份可以打印，一份供计算机读取。先核对是您本人。',
  byPasskey: '用通行密钥核对',
  lastSix: '证件号码的最后六位',
  get: '核对并取得副本',
  wrong: '同登记的证件不一样，请核对',
  tooMany: '今天的次数用完了，请明天再来',
  silent: '现在没有网络，请过一会儿再试',
  cancelled: '没有完成：可能是取消了，或者等得太久。请再试一次',
  neither: '请先在上面填写证件，三天以后，或民警核对证件以后，就可以在这里取得。也可以带证件到监所办理。',
  ready: '副本已经做好，请保存。',
  files: { page: '保存可以打印的一份', data: '保存供计算机读取的一份' },
  careful: '里面有您的电话、证件号码和信件。不要存在别人也用的手机里。',
}
