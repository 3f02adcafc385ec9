// How a house is run: `/api/houses` for its officers, `/api/invites` for whom they invite, `/api/claims` for
// who claims to be family, `/api/mandates` for who
// acts for one, `/api/engagements` for lawyers, `/api/consents` for the case-handling body. Each step is an event of
// the record; what an error says names the field and never whether somebody else's thing exists.
import { Hono } from 'hono'
import type { Env, Outside } from '../env.ts'
import { claimed, claims } from './claims.ts'
import { engaged, engagements } from './engagements.ts'
import { invited, invites } from './invites.ts'
import { answered, consents } from './consents.ts'
import { arrivals } from './arrivals.ts'
import { documents } from './documents.ts'
import { mandated, mandates } from './mandates.ts'
import { kinships } from './kinships.ts'
import { kiosks } from './kiosks.ts'
import { officers } from './officers.ts'
import { opening } from './open.ts'
import { people } from './people.ts'
import { roster } from './roster.ts'
import { settings } from './settings.ts'
import { view } from './view.ts'

export const houses = (outside: Outside) =>
  new Hono<{ Bindings: Env }>()
    .route('/', opening)
    .route('/:facility', view)
    .route('/:facility/people', people)
    .route('/:facility/arrivals', arrivals)
    .route('/:facility/roster', roster)
    .route('/:facility/officers', officers)
    .route('/:facility/kiosks', kiosks)
    .route('/:facility/invites', invites)
    .route('/:facility/claims', claims)
    .route('/:facility/settings', settings)
    .route('/:facility/kinships', kinships)
    .route('/:facility/kinships', documents)
    .route('/:facility/mandates', mandates)
    .route('/:facility/consents', consents)
    .route('/:facility/engagements', engagements(outside))

export { answered, claimed, engaged, invited, mandated }
