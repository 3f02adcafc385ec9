// Who may act for whom, whatever is asked for in whatever order: two lawyers and a trainee, and never two of one case.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { obstacleTo, type Acting } from '#db/engagement.ts'
import type { Id } from '#db/id.ts'

const asked = fc.record({
  licence: fc.constantFrom('L1', 'L2', 'L3', 'L4'),
  grade: fc.constantFrom('lawyer' as const, 'trainee' as const),
  firm: fc.constantFrom('F1', 'F2'),
  detainee: fc.constantFrom('A' as Id, 'B' as Id, 'C' as Id),
})
const cases = fc.record({
  A: fc.constantFrom(null, 'X', 'Y'),
  B: fc.constantFrom(null, 'X', 'Y'),
  C: fc.constantFrom(null, 'X', 'Y'),
})

test('whatever is accepted in turn stays within the law, and what is refused would break it', () => {
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 25 }), cases, (wishes, caseOf) => {
      const standing: Acting[] = []
      for (const [nth, wish] of wishes.entries()) {
        const caseGroup = caseOf[wish.detainee as 'A' | 'B' | 'C']
        const wanted = { ...wish, id: `${nth}` as Id, caseGroup }
        const obstacle = obstacleTo(wanted, standing)
        if (!obstacle) standing.push(wanted)
        else expect(lawful([...standing, wanted]), obstacle).toBe(false)
        expect(lawful(standing)).toBe(true)
      }
      for (const one of standing) if (one.grade === 'lawyer') expect(obstacleTo(one, standing)).toBeUndefined()
    }),
    { numRuns: 500 },
  )
})

/** The law said once more, over all that stand at once. */
function lawful(all: readonly Acting[]): boolean {
  const of = <Key>(key: (one: Acting) => Key) => [...Map.groupBy(all, key).values()]
  const once = of(({ licence, detainee }) => `${licence} ${detainee}`).every((same) => same.length === 1)
  const few = of(({ detainee }) => detainee).every((theirs) => {
    const lawyers = theirs.filter(({ grade }) => grade === 'lawyer')
    const trainees = theirs.filter(({ grade }) => grade === 'trainee')
    return (
      lawyers.length <= 2 &&
      trainees.length <= 1 &&
      trainees.every(({ firm }) => lawyers.some((lawyer) => lawyer.firm === firm))
    )
  })
  const apart = of(({ licence, caseGroup }) =>
    caseGroup === null ? `${Math.random()}` : `${licence} ${caseGroup}`,
  ).every((same) => new Set(same.map(({ detainee }) => detainee)).size === 1)
  return once && few && apart
}
