// From what the ledger keeps to what a relative is told: a tie, and what is open under it now.
import type { Id } from '#db/id.ts'
import type { Kin, Tie } from '#db/matter.ts'
import { accompanied } from '#db/minor.ts'
import { matters, type Kind } from '#db/matters/index.ts'
import { defaults, type HouseKind, type KindSettings, type Settings, type Status } from '#db/settings.ts'

/** One row of `selectTies`. */
export interface TieRow {
  readonly id: Id
  readonly account: Id
  readonly detainee: Id
  readonly kin: Kin
  /** the relative's own name */
  readonly relative: string
  readonly endedAt: number | null
  /** JSON: the kinds that are shut for this tie */
  readonly shut: string
  readonly bannedUntil: number | null
  readonly person: string
  readonly status: Status
  readonly leftAt: number | null
  readonly house: Id
  readonly houseName: string
  readonly houseKind: HouseKind
  readonly telephone: string
  readonly hours: string
  /** JSON `{kind: KindSettings}`: only what the house set itself */
  readonly settings: string
  /** JSON `{kind: [from, until | null]}`, UTC milliseconds */
  readonly consents: string
  /** when they are of age (UTC milliseconds); null where nothing says that they are a minor */
  readonly ofAgeAt: number | null
  /** JSON `[ofAgeAt]` of who comes along with a minor; null where nobody does */
  readonly companion: string | null
  /** until when its reader may act under it (UTC milliseconds), 0 for no longer; absent or null where it is their own */
  readonly actsUntil?: number | null
  /** JSON `[name of the other house, 0 | 1]` where the person is on the way there, or has come */
  readonly moved: string | null
}

/**
 * Every tie that `where` names, as `TieRow`s.
 * @param where about `kinship`, such as `kinship.account = ?1 AND kinship.facility = ?2`
 */
export const selectTies = (where: string): string => `
  SELECT kinship.id, kinship.account, kinship.detainee, kinship.kin, kinship.name AS relative,
         kinship.ended_at AS endedAt, kinship.shut, kinship.banned_until AS bannedUntil, kinship.of_age_at AS ofAgeAt,
         (SELECT json_array(along.of_age_at) FROM kinship along WHERE along.id = kinship.adult AND along.ended_at IS NULL
            AND along.detainee = kinship.detainee AND along.banned_until IS NULL) AS companion, detainee.name AS person, detainee.status, detainee.left_at AS leftAt,
         house.id AS house, house.name AS houseName, house.kind AS houseKind, house.telephone, house.hours,
         (SELECT json_group_object(kind, json(settings)) FROM setting WHERE facility = kinship.facility) AS settings,
         (SELECT json_group_object(kind, json_array("from", "until")) FROM consent
          WHERE consent.detainee = kinship.detainee AND consent.account = kinship.account) AS consents,
         (SELECT json_array(to_name, state = 'arrived') FROM departure
          WHERE departure.detainee = kinship.detainee AND state <> 'lapsed') AS moved
  FROM kinship
  JOIN detainee ON detainee.id = kinship.detainee
  JOIN house ON house.id = kinship.facility
  WHERE ${where}`

/**
 * The ties of ?2 in the house ?1, and those under which they act for others. A ban of their own, under another tie to the
 * same person, holds for them there too.
 */
export const tiesToActSql = `
  SELECT t.*, iif(t.account = ?2, NULL,
      coalesce((SELECT until FROM mandate WHERE tie = t.id AND agent = ?2 AND ended_at IS NULL), 0)) AS actsUntil,
    max(coalesce(t.bannedUntil, 0), coalesce((SELECT banned_until FROM kinship
      WHERE account = ?2 AND detainee = t.detainee), 0)) AS bannedUntil
  FROM (${selectTies(`kinship.facility = ?1 AND kinship.id IN (SELECT id FROM kinship WHERE account = ?2
    UNION ALL SELECT tie FROM mandate WHERE agent = ?2)`)}) t`

/**
 * A tie that comes to stand, or stands again. An id may not be null: where `only` finds nothing any more, the whole batch
 * comes to nothing. ?1 id, ?2 facility, ?3 person, ?4 account, ?5 kin, ?6 the relative's name, ?7 now
 *
 * @param only what it stands on, such as `FROM invite WHERE code_hash = ?8`
 */
export const tieSql = (only: string): string => `
  INSERT INTO kinship (id, facility, detainee, account, kin, name, since, of_age_at)
  VALUES ((SELECT ?1 ${only}), ?2, ?3, ?4, ?5, ?6, ?7,
    (SELECT max(of_age_at) FROM kinship WHERE account = ?4 AND facility = ?2))
  ON CONFLICT (account, detainee) DO UPDATE SET ended_at = NULL, kin = ?5, name = ?6`

/** @param now UTC milliseconds: a consent, or a ban, holds from one moment until another */
export const tiesOf = (rows: readonly TieRow[], now: number): Tie[] => rows.map((row) => tieOf(row, now))

function tieOf(row: TieRow, now: number): Tie {
  const settings = settingsOf(row.houseKind, row.settings)
  const consents = new Map(Object.entries(JSON.parse(row.consents) as Record<string, [number, number | null]>))
  const shut = JSON.parse(row.shut) as Kind[]
  const { actsUntil = null } = row
  const lapsed = actsUntil !== null && actsUntil <= now
  const ended = row.endedAt !== null || lapsed
  const along = JSON.parse(row.companion ?? '[]') as (number | null)[]
  const withAdult = accompanied(
    [row.ofAgeAt, ...along].map((one) => ({ ofAgeAt: one })),
    now,
  )
  const open = (kind: Kind) => row.leftAt === null && !ended && withAdult && !shut.includes(kind)
  const [to, arrived] = JSON.parse(row.moved ?? '[]') as [string?, number?]
  return {
    id: row.id,
    house: { id: row.house, name: row.houseName, telephone: row.telephone, hours: row.hours },
    detainee: row.detainee,
    name: row.person,
    kin: row.kin,
    access: perKind((kind) => (open(kind) ? settings[kind].access[row.status] : 'closed')),
    consented: perKind((kind) => {
      const [from, until] = consents.get(kind) ?? [Infinity, null]
      return !lapsed && from <= now && (until === null || now < until)
    }),
    ...(row.bannedUntil !== null && row.bannedUntil > now && { bannedUntil: row.bannedUntil }),
    ...(arrived === 1 ? { moved: true as const } : to !== undefined && { movingTo: to }),
    ...(actsUntil !== null && { of: { account: row.account, name: row.relative, until: actsUntil } }),
    ended,
  }
}

/**
 * What holds in a house: what it set itself, and the defaults of its kind of house for the rest.
 * @param own JSON `{kind: KindSettings}`
 */
export function settingsOf(houseKind: HouseKind, own: string): Settings {
  const set = JSON.parse(own) as Partial<Record<Kind, KindSettings>>
  return perKind((kind) => set[kind] ?? defaults[houseKind][kind])
}

const perKind = <Value>(value: (kind: Kind) => Value): Record<Kind, Value> =>
  Object.fromEntries((Object.keys(matters) as Kind[]).map((kind) => [kind, value(kind)])) as Record<Kind, Value>
