// A new phone: the code is half the way, and whoever has lost the number to somebody else has lost nothing but that.
import { relatives } from '#db/demo/qingshan.ts'
import { Relative } from './acting.ts'
import { expect, test } from './people.ts'

const phoneOf = (name: keyof typeof relatives) => relatives[name].phone.replace('+86', '')

test('she states her document, and on a new phone its last six places let her in', async ({ cast }) => {
  const sister = new Relative(await cast.signedIn('sister'))
  await sister.page.getByRole('button', { name: '我的证件' }).click()
  await sister.sees('填写之前请知道')
  await sister.page.getByRole('button', { name: '知道了，填写证件' }).click()
  await sister.page.getByLabel('姓名').fill('王芳')
  await sister.page.getByLabel('证件号码').fill('11010519491231002') // one place is missing
  await sister.page.getByRole('button', { name: '保存' }).click()
  await sister.sees('应是 18 位')
  await expect(sister.page.getByLabel('姓名')).toHaveValue('王芳')
  await expect(sister.page.getByLabel('证件号码')).toBeFocused()
  await sister.page.getByLabel('证件号码').fill('11010519491231002x')
  await sister.page.getByRole('button', { name: '保存' }).click()
  await sister.sees('等民警核对')
  await expect(sister.page.getByText('1949')).toHaveCount(0)

  const desk = await cast.signedIn('desk', '/officer/house')
  await desk.getByRole('link', { name: /王磊/ }).click()
  const tie = desk.getByRole('article').filter({ hasText: '王芳' })
  await tie.getByRole('button', { name: '查看身份证件' }).click()
  await expect(tie.getByText('002X')).toBeVisible()
  await tie.getByRole('button', { name: '已核对原件' }).click()
  await desk.getByRole('dialog').getByRole('button', { name: '确认办理' }).click()
  await expect(tie.getByText(/民警已于 .* 核对/)).toBeVisible()
  await sister.looksAgain()
  await sister.page.getByRole('button', { name: '我的证件' }).click()
  await sister.sees(/民警已于 .* 核对/)

  const fresh = new Relative(await cast.anybody('/sign-in?then=/letter'))
  await fresh.signsIn(phoneOf('sister'))
  await fresh.sees('第一次在这部手机上登录')
  await fresh.page.getByLabel('证件号码的最后六位').fill('310020')
  await fresh.page.getByRole('button', { name: '核对' }).click()
  await fresh.sees('同登记的证件不一样')
  await fresh.page.getByLabel('证件号码的最后六位').fill('３1002x')
  await fresh.page.getByRole('button', { name: '核对' }).click()
  await fresh.page.waitForURL(/\/letter/)
  await fresh.sees('王磊')
})

test('the next owner of a number begins anew, and what was written before signing in goes with them', async ({
  cast,
}) => {
  const owner = new Relative(await cast.anybody('/letter'))
  await owner.writes('我是新用户，这是我写的。')
  await owner.goes('/sign-in')
  await owner.signsIn(phoneOf('daughter'))
  await owner.sees('第一次在这部手机上登录')
  await owner.page.getByRole('button', { name: '这个号码以前是别人的，我是新用户' }).click()
  await owner.sees('以前的事项不会出现在这里')
  await owner.page.getByRole('button', { name: '是，我是新用户' }).click()
  await owner.sees('已登录')
  await owner.sees('我是新用户，这是我写的。')
  await owner.sees('还没有事项')
})

test('a lost phone is signed out from another one, and holds nothing when it next opens', async ({ cast }) => {
  const lost = new Relative(await cast.signedIn('wife'))
  await lost.sees('李强')
  await lost.goes('/letter?new')
  await lost.writes('丢了的手机上没写完的信。')
  const here = new Relative(await cast.signedIn('wife'))
  await here.page.getByRole('button', { name: '登录过的手机' }).click()
  await here.sees('这部手机')
  await here.page.getByRole('button', { name: '其他手机全部退出' }).click()
  await here.page.getByRole('button', { name: '确定退出' }).click()
  await here.sees('已经退出')
  await here.sees('只有这一部手机登录着')

  await lost.page.context().clearCookies({ name: 'etb' }) // five minutes later
  await lost.goes('/')
  await lost.sees('登录以后，信才能寄出')
  await expect(lost.page.getByText('没写完的信。')).toHaveCount(0)
  await lost.goes('/letter?new')
  await expect(lost.page.getByText('李强')).toHaveCount(0)
})

test('whoever types before the page can answer loses nothing of it', async ({ cast }) => {
  const page = await cast.anybody('/help')
  let come = () => {}
  const slow = new Promise<void>((done) => (come = done))
  await page.route('**/_app/**/*.js', async (route) => {
    await slow
    await route.continue()
  })
  await page.goto('/sign-in', { waitUntil: 'commit' })
  await page.getByLabel('手机号码').fill('13700000099')
  await page.getByLabel('手机号码').press('Enter')
  await expect(page.getByLabel('手机号码')).toHaveValue('13700000099')
  come()
  await page.getByRole('button', { name: '取验证码' }).click()
  await expect(page.getByLabel('短信验证码')).toBeFocused()
})
