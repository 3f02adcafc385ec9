import type { fault as zh } from '../zh/fault.ts'
import type { Words } from '../words.ts'

export const fault: Words<typeof zh> = {
  notFound: 'There is no such page',
  notFoundWhy: 'The address may be mistyped, or the page has moved. What you wrote is safe on this phone.',
  broken: 'This page did not open',
  brokenWhy: 'The network may be gone, or the fault is ours. What you wrote is safe on this phone; please try again.',
  again: 'Try again',
}
