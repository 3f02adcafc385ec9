// A second house, small and of another kind: people are here for days, and nothing needs a consent. One relative has
// somebody in each of the two.
import type { AddKiosk, AdmitPerson, OpenHouse } from '../house.ts'
import { relatives as outside, type DemoLetter, type DemoOfficer, type DemoRelative } from './qingshan.ts'

export const house: OpenHouse = {
  code: 'linxi',
  name: '临溪拘留所',
  kind: 'administrative',
  telephone: '0578-555 0200',
  hours: '每天 9:00–11:30，14:30–17:00',
  admin: '宋岚',
}

export const officers = {
  reviewer: { name: '许宁', roles: ['reviewer'] },
  desk: { name: '唐越', roles: ['desk', 'duty'] },
  keeper: { name: '冯秋', roles: ['keeper'] },
} satisfies Record<string, DemoOfficer>

export const people = {
  chen: { number: '0501', name: '陈浩', status: 'serving', cell: '1-01' },
  wu: { number: '0502', name: '吴斌', status: 'serving', cell: '1-01' },
} satisfies Record<string, AdmitPerson>

export const kiosks = {
  kiosk: { name: '1-01 一体机', cell: '1-01' },
} satisfies Record<string, AddKiosk>

/** Her brother is in the other house, her son in this one. */
const { phone, name } = outside.aunt
export const relatives = {
  aunt: { phone, name, kin: 'parent', person: 'chen' },
} satisfies Record<string, DemoRelative<keyof typeof people>>

export const letters: readonly DemoLetter<keyof typeof relatives>[] = [
  {
    from: 'aunt',
    body: '浩浩：\n\n事情我都知道了，妈不骂你。这几天在里面好好想一想，出来给人家道个歉。\n\n店里我替你看着。\n\n妈',
    then: [{ move: 'approve' }, { move: 'deliver' }],
  },
  {
    from: 'aunt',
    body: '浩浩：\n\n还有四天。你出来那天我去门口接你，给你带那件灰外套，早上凉。\n\n妈',
  },
]
