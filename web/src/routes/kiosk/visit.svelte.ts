// How large the person before the device wants it: for one visit, and usual again at rest.
import { keptLook, wear, type Size } from '#web/look/kept.ts'

class Visit {
  size = $state.raw<Size>('usual')
}
const visit = new Visit()

export const size = (): Size => visit.size

export function chooseSize(size: Size): void {
  visit.size = size
  wear({ ...keptLook(), size })
}
