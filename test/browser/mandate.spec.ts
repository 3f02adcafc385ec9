// 代办: a mother lets her daughter write for her, both see who wrote, and she takes it back at once.
import { relatives } from '#db/demo/qingshan.ts'
import { Relative } from './acting.ts'
import { expect, test } from './people.ts'

const daughter = '张小妹'

test('a daughter writes for her mother by her leave; once it is taken back, what she wrote is refused and kept', async ({
  mother,
  cast,
}) => {
  await mother.settles()
  await mother.goes('/')
  await mother.page.getByRole('button', { name: '家人代办' }).click()
  await mother.page.getByText('请家人代办').click()
  await mother.page.getByRole('button', { name: '生成代办码' }).click()
  await expect(mother.page.getByRole('alert')).toContainText('请填写代办人的姓名')
  await mother.page.getByLabel('代办人的姓名').fill(daughter)
  await mother.page.getByRole('button', { name: '生成代办码' }).click()
  await mother.sees(`请让${daughter}打开这个链接`)
  const link = await mother.page.locator('.link').textContent()

  const acting = new Relative(await cast.anybody(new URL(link ?? '').pathname + new URL(link ?? '').hash))
  await acting.sees('家人请您代办')
  await acting.sees(relatives.mother.name)
  await acting.page.getByRole('button', { name: '先登录，再接受' }).click()
  await acting.signsIn('13700000351')
  await acting.page.getByRole('button', { name: '接受', exact: true }).click()
  await acting.sees('可以代办了')
  await acting.page.getByRole('link', { name: '替家人写一封信' }).click()
  await acting.sees(`您替${relatives.mother.name}办给张伟的事项`)
  await acting.writes('哥，妈让我替她写：天冷了。')
  const letter = await acting.sends()
  await acting.sees('已送达监所')
  await acting.sees(`您替${relatives.mother.name}办给张伟的事项`)

  // hers, and it says who wrote it
  await mother.reads(letter)
  await mother.sees(`由${daughter}代办`)

  // taken back while a second letter is on its way
  await acting.goes('/letter?new')
  await acting.sees(`您替${relatives.mother.name}办给张伟的事项`)
  await acting.loses()
  await acting.writes('哥，妈还说：家里都好。')
  await acting.sends()
  await acting.sees('已存在手机')
  await mother.goes('/')
  await mother.page.getByRole('button', { name: '家人代办' }).click()
  await mother.sees(`${daughter}替您办给张伟的事项`)
  await mother.page.getByRole('button', { name: '收回代办' }).click()
  await mother.page.getByRole('button', { name: '确定', exact: true }).click()
  await mother.sees('已经收回')
  await acting.finds()
  await acting.goes('/shelf')
  await acting.sees('代办授权已经结束')
  await acting.sees('妈还说：家里都好')

  await mother.reads(letter)
  await mother.page.getByRole('button', { name: '撤回' }).click()
  await mother.page.getByRole('alert').getByRole('button', { name: '撤回' }).click()
  await expect(mother.paper).toHaveValue('哥，妈让我替她写：天冷了。')
})
