// A device that is always on takes a new version of the app when nobody is in the middle of anything, and not in a loop.
const hourMs = 3_600_000
const updatedKey = 'etongban.updated'

/** @returns true at most once an hour, over reloads too */
export function mayUpdate(now: number): boolean {
  const last = Number(sessionStorage.getItem(updatedKey))
  if (last <= now && now < last + hourMs) return false
  sessionStorage.setItem(updatedKey, String(now))
  return true
}
