// Whom a claim may mean: the published vectors, and names as people here write them.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jaroWinkler, near } from '#worker/house/likeness.ts'

test('the published vectors of Jaro–Winkler', () => {
  expect(jaroWinkler('MARTHA', 'MARHTA')).toBeCloseTo(0.961, 3)
  expect(jaroWinkler('DIXON', 'DICKSONX')).toBeCloseTo(0.813, 3)
  expect(jaroWinkler('DWAYNE', 'DUANE')).toBeCloseTo(0.84, 3)
})

test('a name is near itself however it is spaced, and not near another', () => {
  expect(jaroWinkler('欧阳强', ' 欧阳 强')).toBe(1)
  expect(jaroWinkler('买买提·艾力', '买买提艾力')).toBe(1)
  expect(jaroWinkler('阿卜杜热合曼·吐尔逊', '阿卜杜热合满·吐尔逊')).toBeGreaterThanOrEqual(near)
  expect(jaroWinkler('张伟', '王磊')).toBe(0)
  expect(jaroWinkler('张伟', '张强')).toBeLessThan(near)
})

test('two names are as near one way as the other, never more than the same', () => {
  const name = fc.string({ unit: fc.constantFrom('张', '伟', '王', 'a', 'B', '·', ' '), maxLength: 12 })
  fc.assert(
    fc.property(name, name, (one, other) => {
      const likeness = jaroWinkler(one, other)
      expect(likeness).toBeCloseTo(jaroWinkler(other, one), 9)
      expect(likeness).toBeGreaterThanOrEqual(0)
      expect(likeness).toBeLessThanOrEqual(1)
    }),
  )
})
