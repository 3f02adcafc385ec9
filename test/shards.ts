// In workerd one house has a database of its own: every test file finds it empty, beside the one that all others share.
import type { Id } from '#db/id.ts'

export const southHouse = '01990000-0000-7000-8000-00000000501d' as Id
export const shards = { [southHouse]: 'DB_SOUTH' }
