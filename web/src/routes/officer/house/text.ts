// The words of the administration, asked for once.
import { house } from '#db/words/zh/house.ts'
import { words } from '#web/look/words.svelte.ts'

export const houseText = words(house, () => import('#db/words/en/house.ts').then((en) => en.house))
