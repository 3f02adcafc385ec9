// One right request for each route of the API: what it is about comes from a stock, so that the same request can be sent
// about something that is there, something of another house, and something that is nowhere.
import { newId } from '#db/id.ts'
import { protocol } from '#db/upcast.ts'
import { engagementDeclines, engagementEnds } from '#db/engagement.ts'
import { defaults } from '#db/settings.ts'
import { newHouseForm } from '#test/server.ts'
import { born, photo, sends, type Somebody, type Stock } from './province.ts'

export interface Request {
  /** what stands in the path, after the house's id */
  readonly path?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** what stands behind the path */
  readonly query?: string
  /** what is answered to somebody who may */
  readonly well: readonly number[]
  /** whether it names something that may be somebody else's */
  readonly about?: true
}

/** How a route is asked for, and, where its guard lets in more than may do it, who of them may. */
export interface Asked {
  readonly makes: (of: Stock, who: Somebody) => Promise<Request> | Request
  readonly may?: (who: Somebody) => boolean
  /** it is about what they themselves have asked for: whoever else comes in may not */
  readonly own?: 'claim' | 'engagement' | 'engaged'
}

const says = (well: number, body: unknown = {}): Asked => ({ makes: () => ({ body, well: [well] }) })
const credential = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {} }
const assertion = {
  ...credential,
  response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA', userHandle: 'AAAA' },
}
const registration = { ...credential, response: { clientDataJSON: 'AAAA', attestationObject: 'AAAA', transports: [] } }
const unknownCode = { code: `songling-${'0'.repeat(26)}` }
let codes = 0
const houseForm = () => newHouseForm(`house${(codes += 1)}`)
const founding = () => ({ founding: '0'.repeat(26), ...houseForm() })
const inTheirName = { name: '某某', roles: ['desk'] }

const person = (step: string, body: object = {}): [string, Asked] => [
  `POST /api/houses/:facility/people/:person/${step}`,
  { makes: async (of) => ({ path: { person: await of.person() }, body, well: [200], about: true }) },
]
const arrival = (step: string, body: object = {}): [string, Asked] => [
  `POST /api/houses/:facility/arrivals/:person/${step}`,
  // nobody is on the way to this house: whoever may admit them hears so
  { makes: () => ({ path: { person: newId() }, body, well: [403] }) },
]
const tie = (step: string, body: (tie: string) => object = () => ({}), well = 200): [string, Asked] => [
  `POST /api/houses/:facility/${step.includes('consents') ? step : `kinships/:tie/${step}`}`,
  {
    makes: async (of) => {
      const id = await of.tie()
      return { path: { tie: id }, body: body(id), well: [well], about: true }
    },
  },
]
const officer = (step: string, body: object = {}): [string, Asked] => [
  `POST /api/houses/:facility/officers/:account/${step}`,
  { makes: async (of) => ({ path: { account: await of.officer() }, body, well: [200], about: true }) },
]
const kiosk = (step: string): [string, Asked] => [
  `POST /api/houses/:facility/kiosks/:kiosk/${step}`,
  { makes: async (of) => ({ path: { kiosk: await of.kiosk() }, body: {}, well: [200], about: true }) },
]
const claim = (step: string, body: (of: Stock) => Promise<object>): [string, Asked] => [
  `POST /api/houses/:facility/claims/:claim/${step}`,
  { makes: async (of) => ({ path: { claim: await of.claim() }, body: await body(of), well: [200], about: true }) },
]

const engagement = (
  step: string,
  of: 'engagement' | 'engaged',
  body: (of: Stock) => Promise<object>,
): [string, Asked] => [
  `POST /api/houses/:facility/engagements/:engagement/${step}`,
  {
    makes: async (stock) => ({
      path: { engagement: await stock[of]() },
      body: await body(stock),
      well: [200],
      about: true,
    }),
  },
]
const ownEngagement = (step: string, of: 'engagement' | 'engaged'): [string, Asked] => [
  `POST /api/engagements/:house/:engagement/${step}`,
  {
    makes: async (stock) => ({
      path: { house: stock.house, engagement: await stock[of]() },
      body: {},
      well: [200],
      about: true,
    }),
    own: of,
  },
]
const ownPaper = (of: 'claim' | 'engagement'): [string, Asked] => [
  `PUT /api/${of}s/:house/:${of}/papers/:hash`,
  {
    makes: async (stock) => {
      const { bytes, hash } = photo()
      return { path: { house: stock.house, [of]: await stock[of](), hash }, body: bytes, well: [200], about: true }
    },
    own: of,
  },
]

/** Links to the photos of papers, and what is behind one: whoever is given none tries one that is made up. */
const photos = (at: string, papers: (of: Stock) => Promise<Readonly<Record<string, string>>>): [string, Asked][] => [
  [`POST ${at}`, { makes: async (of) => ({ path: await papers(of), body: {}, well: [200], about: true }) }],
  [
    `GET ${at}/:hash`,
    {
      makes: async (of, { visitor }) => {
        const path = await papers(of)
        const named: Readonly<Record<string, string>> = { facility: of.house, ...path }
        const to = at.replaceAll(/:(\w+)/g, (_, name: string) => named[name] ?? '')
        const heard = await sends(visitor, 'POST', to, {})
        const { links } = heard.status === 200 ? (JSON.parse(heard.text) as { links: string[] }) : { links: [] }
        const made = `?until=${Date.now() + 60_000}&proof=${'d'.repeat(64)}`
        return { path, query: links[0]?.replace(/^[^?]*/, '') ?? made, well: [200], about: true }
      },
    },
  ],
]

export const requests: ReadonlyMap<string, Asked> = new Map<string, Asked>([
  // by what somebody holds: here it is something that opens nothing, and everybody hears the same
  [
    'POST /api/identity/phone-number/send-otp',
    { makes: () => ({ body: { phoneNumber: `+86159${String(10_000_000 + (codes += 1))}` }, well: [200] }) },
  ],
  [
    'POST /api/identity/phone-number/verify',
    {
      makes: () => ({
        body: { phoneNumber: `+86158${String(10_000_000 + (codes += 1))}`, code: '000000' },
        well: [400],
      }),
    },
  ],
  ['POST /api/identity/prove/last-six', says(400, { lastSix: '123456' })],
  ['POST /api/identity/prove/invite', says(400, unknownCode)],
  ['POST /api/identity/prove/anew', says(400)],
  ['POST /api/identity/prove/passkey/options', says(400)],
  ['POST /api/identity/prove/passkey', says(400, { credential: assertion })],
  ['POST /api/identity/passkeys/sign-in/options', says(200)],
  ['POST /api/identity/passkeys/sign-in', says(403, { credential: assertion })],
  ['POST /api/identity/passkeys/relatives/sign-in/options', says(200)],
  ['POST /api/identity/passkeys/relatives/sign-in', says(403, { credential: assertion })],
  ['POST /api/identity/enrolment/look', says(404, unknownCode)],
  ['POST /api/identity/enrolment/options', says(404, unknownCode)],
  ['POST /api/identity/enrolment/take', says(404, { ...unknownCode, credential: registration })],
  ['POST /api/houses/found/options', { makes: () => ({ body: founding(), well: [404] }) }],
  ['POST /api/houses/found', { makes: () => ({ body: { house: founding(), credential: registration }, well: [404] }) }],
  ['POST /api/invites/look', says(404, unknownCode)],
  ['POST /api/consents/look', says(404, unknownCode)],
  ['POST /api/consents/answer', says(404, { ...unknownCode, answer: 'refuses' })],
  ['POST /api/kiosk/enrol', says(400, { ...unknownCode, key: `${'A'.repeat(87)}=` })],
  ['GET /api/identity/providers', { makes: () => ({ well: [200] }) }],
  ['POST /api/identity/providers/begin', says(404, { provider: 'nowhere' })],
  ['POST /api/identity/providers/finish', says(403, { answer: 'state=AAAA&code=AAAA' })],
  // somebody else's name on it: whoever is signed in stays it
  ['POST /api/identity/sign-out', says(200)],

  // their own
  ['GET /api/me', { makes: () => ({ well: [200] }) }],
  ['POST /api/sync', says(200, { v: protocol, cursor: {}, limit: 1024, ask: [], commands: [] })],
  ['GET /api/identity/sessions', { makes: () => ({ well: [200] }) }],
  ['POST /api/identity/sessions/end', { makes: () => ({ body: { id: newId() }, well: [404] }) }],
  ['POST /api/identity/sessions/end-others', says(200)],
  ['GET /api/identity/passkeys', { makes: () => ({ well: [200] }) }],
  ['POST /api/identity/passkeys/confirm', says(200)],
  ['POST /api/identity/passkeys/options', says(403, { credential: assertion })],
  ['POST /api/identity/passkeys', says(403, { credential: registration })],
  [
    'POST /api/identity/passkeys/:passkey/remove',
    { makes: () => ({ path: { passkey: 'AAAA' }, body: {}, well: [409] }) },
  ],
  ['POST /api/identity/tablets', says(403, { credential: assertion })],
  ['POST /api/identity/tablets/bind', { makes: () => ({ body: { id: newId() }, well: [404] }) }],
  ['POST /api/identity/tablets/forget', { makes: () => ({ body: { id: newId() }, well: [200] }) }],
  ['POST /api/identity/tablets/lock', says(200)],
  ['POST /api/identity/tablets/standing', { makes: () => ({ body: { ids: [newId()] }, well: [200] }) }],
  [
    'POST /api/identity/tablets/unlock',
    { makes: () => ({ body: { id: newId(), token: 'A'.repeat(43) }, well: [403] }) },
  ],
  ['GET /api/identity/document', { makes: () => ({ well: [200] }) }],
  ['GET /api/identity/copy', { makes: () => ({ well: [200] }) }],
  ['POST /api/identity/copy', { makes: () => ({ body: { lastSix: '000000' }, well: [400, 429] }) }],
  ['POST /api/identity/document', says(200, { kind: 'passport', number: 'E12345678', name: '某某' })],
  ['GET /api/claims', { makes: () => ({ well: [200] }) }],
  ['GET /api/claims/houses', { makes: () => ({ well: [200] }) }],
  [
    'POST /api/claims',
    {
      makes: (of) => ({
        body: { id: newId(), house: of.house, person: '某某', born, name: '家属', kin: 'parent' },
        well: [202],
      }),
    },
  ],
  ownPaper('claim'),
  ['POST /api/invites/take', says(404, unknownCode)],
  ['GET /api/engagements', { makes: () => ({ well: [200] }) }],
  [
    'POST /api/engagements',
    {
      makes: (of) => ({
        body: { id: newId(), house: of.house, person: '某某', born, ground: 'entrusted' },
        well: [202],
      }),
      may: ({ standing }) => standing === 'valid',
    },
  ],
  ownEngagement('end', 'engagement'),
  ownEngagement('check', 'engaged'),
  ownPaper('engagement'),
  ...photos('/api/houses/:facility/engagements/:engagement/papers', async (of) => ({
    ...(await of.engagementPaper()),
  })),
  engagement('accept', 'engagement', async (of) => ({ person: await of.person() })),
  engagement('decline', 'engagement', () => Promise.resolve({ reason: engagementDeclines[0] })),
  engagement('end', 'engaged', () => Promise.resolve({ reason: engagementEnds[0] })),
  // a leave is between two, and none of the cast has given or taken one
  ['GET /api/mandates', { makes: () => ({ well: [200] }) }],
  [
    'POST /api/mandates',
    {
      makes: (of) => ({
        body: { house: of.house, tie: newId(), name: '某某', until: Date.now() + 3_600_000 },
        well: [403],
      }),
    },
  ],
  ['POST /api/mandates/look', says(404, unknownCode)],
  ['POST /api/mandates/take', says(404, unknownCode)],
  [
    'POST /api/mandates/:house/:mandate/end',
    { makes: (of) => ({ path: { house: of.house, mandate: newId() }, body: {}, well: [403] }) },
  ],
  ['GET /api/lawyers/me', { makes: () => ({ well: [200] }) }],
  ['POST /api/lawyers/me', { makes: async (of) => ({ body: await of.licence(), well: [200] }) }],
  ['POST /api/lawyers/me/ask', says(200)],
  ['GET /api/kiosk', { makes: () => ({ well: [200] }) }],
  [
    'POST /api/kiosk/locks',
    {
      makes: async (of) => ({
        body: { locks: [{ id: newId(), person: await of.person(), at: Date.now(), opened: 0 }] },
        well: [200],
        about: true,
      }),
    },
  ],
  [
    'POST /api/houses',
    {
      makes: () => ({ body: houseForm(), well: [201] }),
      may: ({ roles, elsewhere }) => roles.includes('admin') || elsewhere !== undefined,
    },
  ],

  // what officers do in a house
  ['GET /api/houses/:facility', { makes: () => ({ well: [200] }) }],
  ['GET /api/houses/:facility/queue', { makes: () => ({ well: [200] }) }],
  ['GET /api/houses/:facility/desk', { makes: () => ({ well: [426] }) }],
  [
    'GET /api/houses/:facility/matters/:id',
    { makes: async (of) => ({ path: { id: await of.matter() }, well: [200, 404], about: true }) },
  ],
  [
    'POST /api/houses/:facility/looks',
    {
      makes: async (of) => ({
        body: { looks: [{ id: newId(), matter: await of.matter(), how: 'read', at: Date.now() }] },
        well: [200],
      }),
    },
  ],
  [
    'POST /api/houses/:facility/people',
    {
      makes: () => ({
        body: { number: `N${(codes += 1)}`, name: '某某', status: 'serving', cell: '9-09' },
        well: [201],
      }),
    },
  ],
  person('born', { born }),
  person('case', { case: '（2026）刑1号' }),
  person('status', { status: 'untried' }),
  person('copy'),
  person('move', { cell: '9-08' }),
  person('leave', { because: 'released' }),
  arrival('admit', { number: '1', cell: '9-09' }),
  arrival('refuse'),
  person('open'),
  person('pin'),
  ['POST /api/houses/:facility/roster/plan', says(200, { rows: [{ row: 1, number: '1' }], whole: false })],
  [
    'POST /api/houses/:facility/roster',
    {
      makes: async (of) => ({
        body: {
          steps: [
            {
              step: 'leave',
              person: await of.person(),
              was: { status: 'serving', cell: '9-09', born: null },
              because: 'released',
            },
          ],
        },
        well: [200],
        about: true,
      }),
    },
  ],
  ['POST /api/houses/:facility/officers', says(201, inTheirName)],
  officer('roles', { roles: ['duty'] }),
  officer('reset'),
  officer('end-sessions'),
  officer('disable'),
  ['POST /api/houses/:facility/kiosks', says(201, { name: '一体机', cell: '9-09' })],
  kiosk('enrol'),
  kiosk('revoke'),
  [
    'POST /api/houses/:facility/invites',
    {
      makes: async (of) => ({
        body: { person: await of.person(), kin: 'parent', name: '家属' },
        well: [201],
        about: true,
      }),
    },
  ],
  claim('accept', async (of) => ({ person: await of.person(), kin: 'parent' })),
  claim('decline', () => Promise.resolve({ reason: 'other' })),
  ...photos('/api/houses/:facility/claims/:claim/papers', async (of) => ({ ...(await of.paper()) })),
  ['POST /api/houses/:facility/settings', says(200, { kind: 'letter', settings: defaults.detention.letter })],
  ['POST /api/houses/:facility/settings/retention', says(200, { years: 3, answerDays: 180, source: '个人信息保护法' })],
  tie('end'),
  tie('rights', () => ({ shut: ['letter'] })),
  tie('ban', () => ({ until: Date.now() + 3_600_000, reason: 'other', note: '' })),
  [
    'POST /api/houses/:facility/kinships/:tie/lift',
    { makes: async (of) => ({ path: { tie: await of.tie() }, body: {}, well: [403] }) },
  ],
  [
    'POST /api/houses/:facility/mandates/elder',
    {
      makes: async (of) => ({
        body: { person: await of.person(), kin: 'parent', name: '家属' },
        well: [201],
        about: true,
      }),
    },
  ],
  [
    'POST /api/houses/:facility/mandates/:tie',
    {
      makes: async (of) => ({
        path: { tie: await of.tie() },
        body: { name: '某某', until: Date.now() + 3_600_000 },
        well: [201],
        about: true,
      }),
    },
  ],
  [
    'PUT /api/houses/:facility/mandates/:mandate/paper/:hash',
    {
      makes: async (of) => {
        const { bytes, hash } = photo()
        return { path: { mandate: await of.mandate(), hash }, body: bytes, well: [200], about: true }
      },
    },
  ],
  ...photos('/api/houses/:facility/mandates/:mandate/paper', async (of) => ({ ...(await of.signed()) })),
  [
    'POST /api/houses/:facility/mandates/:mandate/end',
    { makes: async (of) => ({ path: { mandate: await of.mandate() }, body: {}, well: [200], about: true }) },
  ],
  tie('adult', () => ({ adult: null })),
  tie('document'),
  [
    'POST /api/houses/:facility/kinships/:tie/document/check',
    { makes: async (of) => ({ path: { tie: await of.tie() }, body: { statedAt: 1 }, well: [409], about: true }) },
  ],
  tie('consents', (tie) => ({ tie, kind: 'letter', until: null, document: '同意字1号' }), 201),
  tie('consents/end', (tie) => ({ tie, kind: 'letter', how: 'refused' })),
  tie('consents/link', (tie) => ({ tie, kind: 'letter' }), 201),
])
