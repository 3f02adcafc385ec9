// The guard before every route of a house's administration.
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import * as v from 'valibot'
import type { OfficerRole } from '#db/actor.ts'
import { permits, type HouseAction } from '#db/house.ts'
import { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { RefusalCode } from '#db/refusal.ts'
import { refuse } from '../checked.ts'
import { door } from '../doors.ts'
import type { Env, Me } from '../env.ts'
import { signedIn } from '../identity/signedIn.ts'
import { postOf, type Post } from './post.ts'

/** What a route behind `may` finds in its context. */
export interface InHouse {
  Bindings: Env
  Variables: { me: Me; post: Post; actor: { account: Id; role: OfficerRole }; refused?: RefusalCode }
}

/**
 * Lets through who may do this in the house of the path. A house that is not there answers like one that is not theirs.
 *
 * @param refused what they hear who may not
 */
export const may = (action: HouseAction, refused: (c: Context) => Response = forbidden) => {
  const shut = (c: Context<InHouse>) => {
    c.set('refused', 'not_allowed')
    return refused(c)
  }
  return [
    signedIn,
    door(
      { may: action },
      createMiddleware<InHouse>(async (c, next) => {
        const facility = v.safeParse(Id, c.req.param('facility'))
        const { account, facilities } = c.var.me
        if (!facility.success || !facilities.includes(facility.output)) return shut(c)
        const post = await postOf(ledger(c.env, facility.output), facility.output, account)
        const role = permits[action].find((role) => post?.actor.roles.includes(role))
        if (!post || !role) return shut(c)
        c.set('post', post)
        c.set('actor', { account, role })
        return next()
      }),
    ),
  ] as const
}

/** The id in the path, where it has the shape of one. */
export const idIn = (c: Context, name: string): Id | undefined => {
  const id = v.safeParse(Id, c.req.param(name))
  return id.success ? id.output : undefined
}

export const forbidden = (c: Context): Response => refuse(c, 'not_allowed', undefined, 403)

/** What a step of the administration needs of its request. */
export type Asked = Pick<Context<InHouse>, 'env' | 'var'>

/** The answer to a step: what it says where it was made, or the one of all that is forbidden or not there. */
export const answer = (c: Context, made: boolean, said: object = {}): Response => (made ? c.json(said) : forbidden(c))
