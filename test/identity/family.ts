// Relatives of a new house who come in by the product's own doors: a code, then what a new browser is asked for.
import type { HouseView } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { admin, at, served } from '#test/newHouse.ts'
import { Visitor } from '#test/server.ts'

let numbers = 0
export const newPhone = (): string => `+8615100${String((numbers += 1)).padStart(6, '0')}`

/** Types the code of this number in a browser of their own. @returns that browser, and what it was told */
export async function comes(phoneNumber: string, visitor = new Visitor(served.url)): Promise<[Visitor, unknown]> {
  await visitor.post('/api/identity/phone-number/send-otp', { phoneNumber })
  const kept = await (await fetch(`${served.url}/local/codes.json`)).json<{ to: string; code: string }[]>()
  const code = kept.find(({ to }) => to === phoneNumber)?.code
  const { said } = await visitor.post('/api/identity/phone-number/verify', { phoneNumber, code })
  return [visitor, said]
}

let people = 0
export async function invites(name: string, person?: Id): Promise<{ code: string; person: Id }> {
  const number = `7${String((people += 1)).padStart(3, '0')}`
  if (!person) await admin.post(`${at}/people`, { number, name: '张伟', status: 'serving', cell: '1' })
  const view = (await admin.ask('GET', at)).said as HouseView
  const inside = person ?? view.people.find((each) => each.number === number)?.id ?? ('' as Id)
  const { said } = await admin.post(`${at}/invites`, { person: inside, kin: 'parent', name })
  return { code: (said as { code: string }).code, person: inside }
}

/** A relative whose account has a tie. */
export async function mother(): Promise<{ phone: string; browser: Visitor; account: Id; person: Id; tie: Id }> {
  const phone = newPhone()
  const [browser] = await comes(phone)
  const { code, person } = await invites('张秀兰')
  const { tie } = (await browser.post('/api/invites/take', { code })).said as { tie: { id: Id } }
  const { account } = (await browser.ask('GET', '/api/me')).said as { account: Id }
  return { phone, browser, account, person, tie: tie.id }
}

export const accountIn = async (browser: Visitor): Promise<Id | undefined> =>
  ((await browser.ask('GET', '/api/me')).said as { account?: Id }).account
