// Who lives in a simulated province: one to three houses, each with its own ledger or beside others in one, and the
// people of them.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { Actor, OfficerRole } from '#db/actor.ts'
import { newId, type Id } from '#db/id.ts'
import { base64, unbase64, verifierKey } from '#db/record.ts'
import { endTie } from '#worker/house/kinships.ts'
import { inmateNews, tieNews } from '#worker/house/news.ts'
import type { Env, Me } from '#worker/env.ts'
import { append } from '#worker/record/append.ts'
import { audit } from '#worker/record/audit.ts'
import { originOf } from '#worker/record/checkpoint.ts'
import { linesOf } from '#worker/record/export.ts'
import { keyOf } from '#worker/record/heads.ts'
import { Books } from './books.ts'
import { none } from './invariants.ts'
import type { Ledger, Work } from './ledger.ts'

export interface House {
  readonly facility: Id
  readonly ledger: Ledger
  readonly books: Books
  readonly person: Id
  readonly officers: readonly Person[]
  readonly kiosk: Person
}

export interface Person {
  readonly me: Me
  readonly actors: readonly Actor[]
}

/** Ed25519, as its PKCS8 begins (RFC 8410), before 32 bytes of a secret that is none. */
const recordKey = base64(Uint8Array.from([...unbase64('MC4CAQAwBQYDK2VwBCIEIA=='), ...new Uint8Array(32).fill(7)]))
/** What every signature of these houses is held against. */
export const recordPublicKey = createPublicKey(
  createPrivateKey(`-----BEGIN PRIVATE KEY-----\n${recordKey}\n-----END PRIVATE KEY-----\n`),
)
const publicKeyBytes = unbase64((recordPublicKey.export({ format: 'jwk' }) as { x: string }).x)
const recordOrigin = 'record.example'

/** A house has nobody at its desk here: its minute is one of the things that happen. */
const noDesk = { idFromName: () => ({}), get: () => ({ poke: () => Promise.resolve() }) }

export const ledgersOf = (houses: readonly House[]): Ledger[] => [...new Set(houses.map(({ ledger }) => ledger))]

/**
 * The server's bindings: a house that the shard map does not name is in `DB`.
 *
 * @param works of each ledger
 */
export function envOf(houses: readonly House[], works?: readonly Work[]): Env {
  const bindings = ledgersOf(houses).map((ledger, nth) => [ledger.name, ledger.binding(works?.[nth])] as const)
  const apart = houses.filter(({ ledger }) => ledger.name !== 'DB')
  return {
    ...Object.fromEntries(bindings),
    SHARDS: JSON.stringify(Object.fromEntries(apart.map(({ facility, ledger }) => [facility, ledger.name]))),
    RECORD_KEY: recordKey,
    RECORD_ORIGIN: recordOrigin,
    DESK: noDesk,
  } as unknown as Env
}

const admin = { account: newId(), role: 'admin' } as const

/** @param status of the person inside: what stands open to them */
export async function openHouse(
  now: number,
  nth: number,
  status: 'serving' | 'untried',
  ledger: Ledger,
): Promise<House> {
  const [facility, person, kiosk] = [newId(), newId(), newId()]
  const officer = (...roles: OfficerRole[]): Person => {
    const account = newId()
    return { me: { account, officer: true, facilities: [facility] }, actors: [{ account, facility, roles }] }
  }
  const house: House = {
    facility,
    ledger,
    books: new Books(facility, ledger),
    person,
    officers: [officer('reviewer'), officer('reviewer', 'desk')],
    kiosk: {
      me: { account: kiosk, officer: false, kiosk: { id: kiosk, facility, cell: '3-02' }, facilities: [facility] },
      actors: [{ account: kiosk, facility, roles: ['kiosk'], people: [person] }],
    },
  }
  const opening = (db: D1Database) => [
    db
      .prepare(
        "INSERT INTO house (id, code, name, kind, telephone, hours) VALUES (?, ?, '青山看守所', 'detention', '0', '9–17')",
      )
      .bind(facility, `h${nth}`),
    db
      .prepare(
        "INSERT INTO detainee (id, facility, number, name, status, cell, pin_salt, pin_hash) VALUES (?, ?, '1', '王强', ?, '3-02', '', '')",
      )
      .bind(person, facility, status),
    db.prepare("INSERT INTO kiosk (id, facility, cell, name) VALUES (?, ?, '3-02', '3-02')").bind(kiosk, facility),
    ...house.officers.map(({ me, actors }) =>
      db
        .prepare("INSERT INTO officer (facility, account, name, roles) VALUES (?, ?, '赵民警', ?)")
        .bind(facility, me.account, JSON.stringify(actors[0]?.roles)),
    ),
  ]
  const admitted = { subject: person, move: 'admit', tell: [inmateNews(facility, '3-02', person, 'inmate')] }
  await append(envOf([house]), facility, admin, [admitted], opening, now)
  return house
}

/** Somebody outside, with a tie in each of these houses. */
export async function relativeOf(houses: readonly House[], now: number): Promise<Person> {
  const account = newId()
  for (const house of houses) {
    const { facility, person } = house
    const tie = newId()
    const insert = (db: D1Database) => [
      db
        .prepare(
          "INSERT INTO kinship (id, facility, detainee, account, kin, name, since) VALUES (?, ?, ?, ?, 'parent', '李芳', 0)",
        )
        .bind(tie, facility, person, account),
    ]
    const taken = { subject: tie, move: 'take', tell: [tieNews(facility, { id: tie, account })] }
    await append(envOf([house]), facility, admin, [taken], insert, now)
  }
  const facilities = houses.map(({ facility }) => facility)
  return {
    me: { account, officer: false, facilities },
    actors: facilities.map((facility) => ({ account, facility, roles: ['relative'] })),
  }
}

export async function endsTie(house: House, account: Id, now: number): Promise<void> {
  const [tie] = house.ledger.rows<{ id: Id; detainee: Id; account: Id }>(
    `SELECT id, detainee, account FROM kinship WHERE facility = '${house.facility}' AND account = '${account}' AND ended_at IS NULL`,
  )
  if (tie) await endTie(envOf([house]), house.facility, admin, tie, now)
}

/** Tamper: the house's whole record, read by the product's own audit, has nothing wrong in it. */
export async function audited({ facility, ledger }: House, now: number): Promise<void> {
  const [house] = ledger.rows<{ code: string }>('SELECT code FROM house WHERE id = ?', facility)
  const key = keyOf(verifierKey(originOf({ RECORD_ORIGIN: recordOrigin }, house?.code ?? ''), publicKeyBytes))
  const { findings } = await audit(linesOf(ledger.rows, facility, now), key, undefined)
  none('Tamper', findings)
}
