// What is held about people, table by table and column by column: one table from which their copy is made
// (worker/house/copy.ts) and their erasure (worker/erasure/). A new table or column stands here before it is used:
// test/erasure/held.d1.test.ts reads the database and says which one is missing.

/**
 * `told` stands in the copy that somebody gets of what is held about them · `sealed` too, opened for it ·
 * `officers` is about them and for officers alone: why somebody may not be told is not theirs to read ·
 * `secret` opens something and is handed to nobody · `inner` says nothing about anybody
 */
type Column = 'told' | 'sealed' | 'officers' | 'secret' | 'inner'

export interface Held {
  /** which rows are about somebody inside, as SQL. ?1 person, ?2 house */
  readonly person?: string
  /** which rows are about a relative, as SQL. ?1 account, ?2 house; in the directory ?1 alone */
  readonly account?: string
  /** why the rows outlast what they are about; without it they are deleted */
  readonly kept?: string
  readonly columns: Readonly<Record<string, Column>>
}

/** Steps whose words and reasons are for officers alone: a relative reads that there was one, and until when. */
export const forOfficers: readonly string[] = ['ban', 'decline']

const record = 'the record of each step: codes, numbers, ids and hashes, without names or texts'

const ofPerson = `SELECT ?1 UNION SELECT id FROM matter WHERE detainee = ?1 AND facility = ?2
  UNION SELECT id FROM kinship WHERE detainee = ?1 AND facility = ?2
  UNION SELECT id FROM engagement WHERE detainee = ?1 AND facility = ?2`
const theirMatters = `SELECT m.id FROM kinship k JOIN matter m ON m.detainee = k.detainee AND m.account = ?1
  WHERE k.account = ?1 AND k.facility = ?2`
const ofAccount = `${theirMatters} UNION SELECT id FROM kinship WHERE account = ?1 AND facility = ?2
  UNION SELECT id FROM claim WHERE account = ?1 AND facility = ?2
  UNION SELECT id FROM engagement WHERE account = ?1 AND facility = ?2`

/** A house's ledger. What others point at comes after them: rows are deleted in this order. */
export const heldInLedger: Readonly<Record<string, Held>> = {
  content: {
    person: `matter IN (${ofPerson})`,
    account: `matter IN (${ofAccount})`,
    columns: { matter: 'told', seq: 'told', salt: 'secret', body: 'told' },
  },
  event: {
    person: `matter IN (${ofPerson})`,
    account: `matter IN (${ofAccount})`,
    kept: record,
    columns: {
      ...{ matter: 'told', seq: 'told', facility: 'inner', position: 'inner', body: 'told', hash: 'told' },
      ...{ actor: 'inner', command: 'inner' },
    },
  },
  matter: {
    person: `detainee = ?1 AND facility = ?2`,
    account: `id IN (${theirMatters})`,
    kept: record,
    columns: {
      ...{ id: 'told', facility: 'inner', kind: 'told', tie: 'told', detainee: 'told', account: 'inner' },
      ...{
        agent: 'inner',
        state: 'told',
        version: 'inner',
        edition: 'inner',
        since: 'told',
        due: 'told',
        decider: 'inner',
      },
      ...{ appealed: 'told', awaits: 'inner' },
    },
  },
  part: {
    account: `account = ?1 AND facility = ?2`,
    columns: {
      ...{
        account: 'inner',
        hash: 'inner',
        start: 'inner',
        facility: 'inner',
        size: 'told',
        bytes: 'secret',
        at: 'told',
      },
    },
  },
  command: {
    account: `account = ?1 AND ?2 IS NOT NULL`,
    columns: { account: 'inner', id: 'told', digest: 'inner', code: 'told', field: 'told' },
  },
  feed: {
    person: `channel = 'person:' || ?1 AND ?2 IS NOT NULL`,
    account: `channel = 'account:' || ?2 || ':' || ?1`,
    columns: { channel: 'inner', subject: 'inner', position: 'inner', what: 'inner' },
  },
  mandate: {
    person: `tie IN (SELECT id FROM kinship WHERE detainee = ?1 AND facility = ?2)`,
    account: `(agent = ?1 AND facility = ?2) OR tie IN (SELECT id FROM kinship WHERE account = ?1 AND facility = ?2)`,
    columns: {
      ...{ id: 'told', facility: 'inner', tie: 'told', ground: 'told', paper: 'told', name: 'told', until: 'told' },
      ...{ code_hash: 'secret', expires_at: 'told', agent: 'inner', since: 'told', ended_at: 'told' },
    },
  },
  consent_link: {
    person: `tie IN (SELECT id FROM kinship WHERE detainee = ?1 AND facility = ?2)`,
    account: `tie IN (SELECT id FROM kinship WHERE account = ?1 AND facility = ?2)`,
    columns: {
      ...{ code_hash: 'secret', id: 'inner', facility: 'inner', tie: 'told', kind: 'told', made_by: 'inner' },
      ...{ expires_at: 'told', answered_at: 'told', answer: 'told' },
    },
  },
  consent: {
    person: `detainee = ?1 AND ?2 IS NOT NULL`,
    account: `account = ?1 AND detainee IN (SELECT detainee FROM kinship WHERE account = ?1 AND facility = ?2)`,
    columns: {
      ...{ detainee: 'told', account: 'inner', kind: 'told', from: 'told', until: 'told', document: 'told' },
      ...{ ended_at: 'told', refused: 'told' },
    },
  },
  invite: {
    person: `detainee = ?1 AND facility = ?2`,
    account: `kinship IN (SELECT id FROM kinship WHERE account = ?1 AND facility = ?2)`,
    columns: {
      ...{ code_hash: 'secret', facility: 'inner', detainee: 'told', kin: 'told', name: 'told', made_by: 'inner' },
      ...{ expires_at: 'told', kinship: 'told' },
    },
  },
  paper: {
    account: `claim IN (SELECT id FROM claim WHERE account = ?1 AND facility = ?2)`,
    columns: { claim: 'told', hash: 'told', at: 'told' },
  },
  claim: {
    account: `account = ?1 AND facility = ?2`,
    columns: {
      ...{ id: 'told', facility: 'inner', account: 'inner', person: 'told', born: 'told', name: 'told', kin: 'told' },
      ...{ at: 'told', decided_at: 'told', outcome: 'told' },
    },
  },
  engagement_paper: {
    person: `engagement IN (SELECT id FROM engagement WHERE detainee = ?1 AND facility = ?2)`,
    account: `engagement IN (SELECT id FROM engagement WHERE account = ?1 AND facility = ?2)`,
    columns: { engagement: 'told', hash: 'told', at: 'told' },
  },
  engagement: {
    person: `detainee = ?1 AND facility = ?2`,
    account: `account = ?1 AND facility = ?2`,
    columns: {
      ...{ id: 'told', facility: 'inner', account: 'inner', licence: 'inner', grade: 'told', name: 'told' },
      ...{ firm: 'told', person: 'told', born: 'told', ground: 'told', at: 'told', state: 'told' },
      // Whom an officer found, and why they declined, would say who is held.
      ...{ detainee: 'officers', reason: 'officers', decided_at: 'told', ended_at: 'told', licence_trouble: 'told' },
    },
  },
  kinship: {
    person: `detainee = ?1 AND facility = ?2`,
    account: `account = ?1 AND facility = ?2`,
    columns: {
      ...{ id: 'told', facility: 'inner', detainee: 'told', account: 'inner', kin: 'told', name: 'told' },
      ...{ since: 'told', ended_at: 'told', shut: 'told', banned_from: 'told', banned_until: 'told' },
      ...{ ban_reason: 'officers', ban_note: 'officers', of_age_at: 'told', adult: 'told' },
    },
  },
  departure: {
    person: `detainee = ?1 AND facility = ?2`,
    columns: {
      ...{
        detainee: 'told',
        facility: 'inner',
        person: 'told',
        to: 'told',
        to_name: 'told',
        at: 'told',
        state: 'told',
      },
    },
  },
  arrival: {
    person: `person = ?1 AND facility = ?2`,
    columns: {
      ...{ person: 'told', facility: 'inner', from: 'told', from_name: 'told', detainee: 'told', number: 'told' },
      ...{ name: 'told', status: 'told', born: 'told', case_group: 'officers', at: 'told', state: 'told' },
      ...{ fetched: 'inner' },
    },
  },
  detainee: {
    person: `id = ?1 AND facility = ?2`,
    columns: {
      ...{ id: 'told', facility: 'inner', number: 'told', name: 'told', status: 'told', cell: 'told', born: 'told' },
      ...{ pin_salt: 'secret', pin_hash: 'secret', locked_at: 'told', opened_at: 'told', status_at: 'told' },
      ...{ left_at: 'told', left_because: 'told', case_group: 'officers' },
    },
  },
  erasure: {
    person: `subject = ?1 AND facility = ?2`,
    kept: 'that somebody was erased: an id',
    columns: { facility: 'inner', entry: 'inner', subject: 'inner', at: 'inner', telling: 'inner' },
  },
  // About the house, its officers at their posts, and its devices.
  officer: { columns: { facility: 'inner', account: 'inner', name: 'inner', roles: 'inner', disabled_at: 'inner' } },
  setting: { columns: { facility: 'inner', kind: 'inner', settings: 'inner' } },
  house: {
    columns: {
      ...{ id: 'inner', code: 'inner', name: 'inner', kind: 'inner', telephone: 'inner', hours: 'inner' },
      ...{ retention: 'inner' },
    },
  },
  kiosk: {
    columns: {
      ...{ id: 'inner', facility: 'inner', cell: 'inner', name: 'inner', enrol_hash: 'secret', enrol_until: 'inner' },
      ...{ revoked_at: 'inner' },
    },
  },
  checkpoint: {
    columns: {
      ...{ facility: 'inner', size: 'inner', at: 'inner', note: 'inner', frontier: 'inner', leaves: 'inner' },
      ...{ seal: 'inner' },
    },
  },
  daily: { columns: { facility: 'inner', day: 'inner', kind: 'inner', move: 'inner', count: 'inner' } },
}

const ownPhone = `(SELECT phone FROM user WHERE id = ?1)`

/** The directory: what is held about whoever has an account. */
export const heldInDirectory: Readonly<Record<string, Held>> = {
  one_time_code: {
    account: `phone = ${ownPhone}`,
    columns: { phone: 'inner', code: 'secret', tries: 'told', sent_at: 'told' },
  },
  // It names whom a try was about; nothing in it is older than a day.
  attempt: {
    account: `instr(what, ':' || ?1) > 0 OR instr(what, ':' || ${ownPhone}) > 0`,
    columns: { what: 'inner', window: 'told', count: 'told' },
  },
  halfway: {
    account: `account = ?1`,
    columns: {
      ...{ token_hash: 'secret', account: 'inner', phone: 'inner', fresh: 'inner', phone_sealed: 'secret' },
      ...{ expires_at: 'told' },
    },
  },
  session: {
    account: `user_id = ?1`,
    columns: {
      ...{ id: 'inner', token: 'secret', user_id: 'inner', expires_at: 'told', ip_address: 'told', user_agent: 'told' },
      ...{ browser: 'secret', created_at: 'told', updated_at: 'told' },
    },
  },
  account: {
    account: `user_id = ?1`,
    columns: {
      ...{ id: 'inner', account_id: 'told', provider_id: 'told', user_id: 'inner', access_token: 'secret' },
      ...{ refresh_token: 'secret', id_token: 'secret', access_token_expires_at: 'told' },
      ...{ refresh_token_expires_at: 'told', scope: 'told', password: 'secret', created_at: 'told' },
      ...{ updated_at: 'told' },
    },
  },
  known_device: {
    account: `account = ?1`,
    columns: { token_hash: 'secret', account: 'inner', since: 'told' },
  },
  document: {
    account: `account = ?1`,
    columns: {
      ...{ account: 'inner', kind: 'told', number_sealed: 'sealed', name_sealed: 'sealed', stated_at: 'told' },
      ...{ checked_at: 'told' },
    },
  },
  lawyer: {
    account: `account = ?1`,
    columns: {
      ...{ account: 'inner', grade: 'told', licence: 'inner', licence_sealed: 'sealed', firm: 'told' },
      ...{ standing: 'told', stated_at: 'told', heard_at: 'told', ask_at: 'inner' },
    },
  },
  passkey: {
    account: `account = ?1`,
    columns: {
      ...{ id: 'told', account: 'inner', public_key: 'inner', counter: 'inner', synced: 'told', transports: 'told' },
      ...{ since: 'told', used_at: 'told' },
    },
  },
  tablet_pin: {
    account: `account = ?1`,
    columns: { id: 'inner', account: 'inner', token_hash: 'secret', session: 'secret', since: 'told' },
  },
  challenge: {
    account: `about = ?1`,
    columns: { challenge: 'secret', purpose: 'told', about: 'inner', until: 'told' },
  },
  enrolment: {
    account: `account = ?1`,
    columns: { code_hash: 'secret', account: 'inner', facility: 'told', command: 'inner', until: 'told' },
  },
  reach: { account: `account = ?1`, columns: { account: 'inner', facility: 'told' } },
  user: {
    account: `id = ?1`,
    columns: {
      ...{ id: 'told', name: 'told', email: 'inner', email_verified: 'inner', image: 'told', phone: 'inner' },
      ...{ phone_sealed: 'sealed', officer: 'inner', created_at: 'told', updated_at: 'told' },
    },
  },
  erased_account: {
    account: `account = ?1`,
    kept: 'that an account was erased: an id',
    columns: { account: 'inner', entry: 'inner' },
  },
  // Hashes of tokens that open nothing any more, and what the library keeps for minutes.
  ended_session: { columns: { token_hash: 'secret', ended_at: 'inner' } },
  verification: {
    columns: {
      ...{ id: 'inner', identifier: 'inner', value: 'secret', expires_at: 'inner', created_at: 'inner' },
      ...{ updated_at: 'inner' },
    },
  },
  facility: {
    columns: {
      ...{ id: 'inner', code: 'inner', name: 'inner', kind: 'inner', zone: 'inner', telephone: 'inner' },
      ...{ hours: 'inner', created_at: 'inner' },
    },
  },
  kiosk_key: {
    columns: { kiosk: 'inner', facility: 'inner', cell: 'inner', public_key: 'inner', enrolled_at: 'inner' },
  },
  kiosk_nonce: { columns: { kiosk: 'inner', nonce: 'inner', until: 'inner' } },
}
