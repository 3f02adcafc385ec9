// A clock that tests can set forward: a day in which nothing happens passes at once.
const RealDate = Date
let aheadMs = 0

/** Every `Date` of this server is so many milliseconds ahead from now on. */
export function setAhead(ms: number): void {
  aheadMs = ms
}

class SetDate extends RealDate {
  constructor(...given: [] | ConstructorParameters<typeof Date>) {
    if (given.length === 0) super(RealDate.now() + aheadMs)
    else super(...given)
  }
  static override now(): number {
    return RealDate.now() + aheadMs
  }
}

globalThis.Date = SetDate as DateConstructor
