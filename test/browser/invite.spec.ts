// How a telephone comes to belong to somebody's family: by an officer's invite, taken with a tap.
import { people } from '#db/demo/qingshan.ts'
import { Relative } from './acting.ts'
import type { Caller } from './calling.ts'
import { expect, test } from './people.ts'

async function invites(admin: Caller, name: string): Promise<string> {
  const { house, people: inside } = await admin.house()
  const person = inside.find(({ number }) => number === people.liu.number)?.id
  const { said } = await admin.http.post(`/api/houses/${house.id}/invites`, { person, kin: 'sibling', name })
  return (said as { code: string }).code
}

/** Whether the house knows somebody of this name as family. */
const isTied = async (admin: Caller, name: string): Promise<boolean> =>
  (await admin.house()).ties.some((tie) => tie.name === name)

test('an invite is opened by somebody unknown, who signs in, takes it with a tap, and writes', async ({ cast, as }) => {
  const [name, letter] = ['刘芳', '姐，我是小芳。']
  const admin = await as('admin')
  const code = await invites(admin, name)
  const sister = new Relative(await cast.anybody(`/invite#${code}`))
  await sister.sees(name)
  await sister.sees('兄弟姐妹')
  await sister.sees('刘＊') // whoever finds the link is not told who is inside
  expect(await isTied(admin, name)).toBe(false)

  await sister.page.getByRole('button', { name: '登录，然后登记' }).click()
  await sister.signsIn('13700000071')
  await expect(sister.page).toHaveURL(new RegExp(`/invite#${code}$`))
  await sister.sees(name)
  expect(await isTied(admin, name)).toBe(false) // nor by coming back to it
  await sister.page.getByRole('button', { name: '内容没有错，登记' }).click()
  await sister.sees('登记好了')
  expect(await isTied(admin, name)).toBe(true)

  await sister.page.getByRole('link', { name: '去写信' }).click()
  await sister.sees('刘洋')
  await sister.writes(letter)
  await sister.sends()
  await sister.sees('已送达监所')

  const late = new Relative(await cast.anybody(`/invite#${code}`))
  await late.sees('这个邀请不能用')
  await late.sees('可能已经用过，或者过了期')
})
