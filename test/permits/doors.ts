// Who may come in where: each route, tried by everybody.
import type { Role } from '#db/actor.ts'
import { accountHeader } from '#db/command.ts'
import { permits } from '#db/house.ts'
import { audiences } from '#worker/doors.ts'
import { sends, type Heard, type Province, type Somebody, type Stock } from './province.ts'
import { requests, type Asked } from './requests.ts'
import { routes, type Route } from './routes.ts'
import { together, type Tally } from './tally.ts'

export async function attackDoors(province: Province, tally: Tally): Promise<void> {
  const all = routes().flatMap((route) => {
    const asked = requests.get(route.name)
    return asked ? [{ route, asked }] : []
  })
  const [nobody] = province.cast
  if (nobody) for (const { asked } of all) await asked.makes(province.standing, nobody)
  const before = await written(province)
  const refused = all.flatMap(({ route, asked }) =>
    province.cast.filter((who) => !mayCome(route, asked, who)).map((who) => ({ route, asked, who })),
  )
  await together(refused, ({ route, asked, who }) => isRefused(province, route, asked, who, tally))
  const after = await written(province)
  tally.try('all that was refused, in the record', false, before !== after, after)

  for (const { route, asked } of all) {
    const open = 'to' in (route.door ?? {}) && (route.door as { to: string }).to === 'anybody'
    const heard = new Map<string, string[]>()
    await together(
      province.cast.filter((who) => mayCome(route, asked, who)),
      async (who) => {
        const { status, text } = await ask(province, route, asked, who, { ...province.fresh, ...who.own })
        const { well, about } = await asked.makes(province.nowhere, who)
        tally.try(`${who.name}: ${route.name}`, true, well.includes(status), { status, text })
        const same = `${status} ${text.replaceAll(/"challenge":"[^"]*"/g, '')}`
        heard.set(same, [...(heard.get(same) ?? []), who.name])
        if (!about) return
        const theirs = await ask(province, route, asked, who, province.foreign)
        const none = await ask(province, route, asked, who, { ...province.nowhere, house: province.house })
        tally.try(`${who.name}: ${route.name} about another house’s`, false, !alike(theirs, none), theirs)
        if (!asked.own) return
        const anothers = await ask(province, route, asked, who, province.standing)
        tally.try(`${who.name}: ${route.name} about another one’s`, false, !alike(anothers, none), anothers)
      },
    )
    // Whoever holds nothing hears the same, whoever they are otherwise.
    if (open) tally.try(`who is who at ${route.name}`, false, heard.size !== 1, [...heard])
  }
}

async function isRefused(province: Province, route: Route, asked: Asked, who: Somebody, tally: Tally): Promise<void> {
  const there = await ask(province, route, asked, who, province.standing)
  const nowhere = await ask(province, route, asked, who, province.nowhere)
  const refused = [401, 403, 404].includes(there.status) && alike(there, nowhere)
  tally.try(`${who.name}: ${route.name}`, false, !refused, { there, nowhere })
}

const alike = (one: Heard, other: Heard) =>
  one.status === other.status && one.text === other.text && one.headers === other.headers

async function ask(province: Province, route: Route, asked: Asked, who: Somebody, of: Stock): Promise<Heard> {
  const { path = {}, query = '', body } = await asked.makes(of, who)
  const names: Record<string, string> = { facility: of.house, ...path }
  const to = route.path.replaceAll(/:(\w+)/g, (_, name: string) => names[name] ?? '')
  const other = province.cast.find(({ visitor }) => visitor.account && visitor !== who.visitor)?.visitor.account
  const headers = route.name.endsWith('/sign-out') ? { [accountHeader]: other ?? '' } : undefined
  return sends(who.visitor, route.method, `${to}${query}`, body, headers)
}

function mayCome({ door }: Route, asked: Asked, who: Somebody): boolean {
  if (asked.may && !asked.may(who)) return false
  if (asked.own && !who.own?.[asked.own]) return false
  if (!door) return false
  if ('may' in door) return permits[door.may].some((role: Role) => who.roles.includes(role))
  return door.to === 'anybody' || audiences[door.to].some((sort) => sort === who.sort)
}

/** How much the house's record and all its rows come to. */
async function written({ db, house }: Province): Promise<string> {
  const count = (sql: string) => db.prepare(sql).bind(house)
  const answers = await db.batch<{ n: number }>([
    count('SELECT count(*) AS n FROM event WHERE facility = ?'),
    count('SELECT count(*) AS n FROM detainee WHERE facility = ?'),
    count('SELECT count(*) AS n FROM kinship WHERE facility = ? AND ended_at IS NULL'),
    count('SELECT count(*) AS n FROM officer WHERE facility = ? AND disabled_at IS NULL'),
    count('SELECT count(*) AS n FROM kiosk WHERE facility = ? AND revoked_at IS NULL'),
    count('SELECT count(*) AS n FROM reach WHERE facility = ?'),
  ])
  return answers.map(({ results }) => results[0]?.n).join(' ')
}
