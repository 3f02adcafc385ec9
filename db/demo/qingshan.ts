// One small real house to try everything with: `npm start` plants it through the product's own doors, and the tests
// use its people. Never part of what is deployed.
import type { OfficerRole } from '../actor.ts'
import type { DocumentKind } from '../document.ts'
import type { Ground } from '../engagement.ts'
import type { AddKiosk, AdmitPerson, OpenHouse } from '../house.ts'
import type { Kin } from '../matter.ts'
import type { Reason } from '../matters/letter.ts'

export const house: OpenHouse = {
  code: 'qingshan',
  name: '青山看守所',
  kind: 'detention',
  telephone: '0578-555 0100',
  hours: '每天 8:30–11:30，14:00–17:00',
  admin: '陈立',
}

export interface DemoOfficer {
  readonly name: string
  readonly roles: OfficerRole[]
}

export const officers = {
  reviewer: { name: '林晓', roles: ['reviewer'] },
  reviewer2: { name: '周敏', roles: ['reviewer'] },
  desk: { name: '王建', roles: ['desk'] },
  duty: { name: '赵强', roles: ['duty'] },
  keeper: { name: '孙梅', roles: ['keeper'] },
  leader: { name: '郑国', roles: ['leader'] },
  oversight: { name: '何平', roles: ['oversight'] },
} satisfies Record<string, DemoOfficer>

export const people = {
  zhang: { number: '0231', name: '张伟', status: 'serving', cell: '3-02' },
  li: { number: '0232', name: '李强', status: 'untried', cell: '3-02', born: '1991-08-14' },
  wang: { number: '0233', name: '王磊', status: 'untried', cell: '3-05', born: '1988-05-06' },
  liu: { number: '0234', name: '刘洋', status: 'serving', cell: '3-05' },
} satisfies Record<string, AdmitPerson>

export const kiosks = {
  kiosk: { name: '3-02 一体机', cell: '3-02' },
  kiosk2: { name: '3-05 一体机', cell: '3-05' },
} satisfies Record<string, AddKiosk>

export interface DemoRelative<Person extends string = string> {
  readonly phone: string
  readonly name: string
  readonly kin: Kin
  readonly person: Person
  /** the case-handling body's paper, where there is one */
  readonly consent?: string
}

export const relatives = {
  mother: { phone: '+8613800000001', name: '张秀兰', kin: 'parent', person: 'zhang' },
  wife: { phone: '+8613800000002', name: '李红', kin: 'spouse', person: 'li', consent: '青公（刑）同意字〔2026〕12号' },
  sister: { phone: '+8613800000003', name: '王芳', kin: 'sibling', person: 'wang' },
  daughter: { phone: '+8613800000004', name: '刘小雨', kin: 'child', person: 'liu' },
  aunt: { phone: '+8613800000005', name: '刘敏', kin: 'sibling', person: 'liu' },
} satisfies Record<string, DemoRelative<keyof typeof people>>

/** Valid in the registry of a local server (worker/start/licences.json), and acting for two people inside. */
export const lawyer = {
  phone: '+8613800000010',
  licence: '13301200910107919',
  firm: '浙江松岭律师事务所',
  document: { kind: 'residentCard', number: '330102196602110138', name: '沈明远' },
  actsFor: [
    { person: 'li', ground: 'entrusted', accepted: true },
    { person: 'wang', ground: 'legalAid', accepted: false },
  ],
} satisfies DemoLawyer<keyof typeof people>

export interface DemoLawyer<Person extends string = string> {
  readonly phone: string
  readonly licence: string
  readonly firm: string
  readonly document: { readonly kind: DocumentKind; readonly number: string; readonly name: string }
  /** what is not accepted waits at the desk */
  readonly actsFor: readonly { readonly person: Person; readonly ground: Ground; readonly accepted: boolean }[]
}

export interface DemoLetter<From extends string = string> {
  readonly from: From
  readonly body: string
  /** what was done with it since, in order; none for one that still waits */
  readonly then?: readonly DemoStep[]
}

export type DemoStep =
  | { readonly move: 'approve' | 'deliver' | 'withdraw' }
  | { readonly move: 'return'; readonly passage: string; readonly reason: Reason; readonly advice: string }
  | { readonly move: 'withhold'; readonly reasons: Reason[]; readonly note: string }
  | { readonly move: 'appeal'; readonly why: string }

export const letters: readonly DemoLetter<keyof typeof relatives>[] = [
  {
    from: 'mother',
    body: '小伟：\n\n家里都好。你爸的腿好多了，每天早上还去河边走一圈。院子里的柿子今年结得多，我晒了两串，等你回来吃。\n\n天冷了，多穿点，别惦记我们。\n\n妈妈',
    then: [{ move: 'approve' }, { move: 'deliver' }],
  },
  {
    from: 'mother',
    body: '小伟：\n\n你妹妹上个月通过了护士考试，在县医院上班了。她说第一个月的工资要给你买一件毛衣。\n\n你好好的，我们就放心。\n\n妈妈',
    then: [{ move: 'approve' }],
  },
  {
    from: 'mother',
    body: '小伟：\n\n收到你上次的话了。你舅舅说，同案的老刘家里人想请你改个说法，让我转告你。我没有答应，只是跟你说一声。\n\n家里的猫生了四只小猫，黑的两只，花的两只。\n\n妈妈',
    then: [
      {
        move: 'return',
        passage: '你舅舅说，同案的老刘家里人想请你改个说法，让我转告你。我没有答应，只是跟你说一声。',
        reason: 'caseTalk',
        advice: '请删去这一段，案件的事请同律师谈。家里小猫的事可以保留',
      },
    ],
  },
  {
    from: 'mother',
    body: '小伟：\n\n今天是你的生日。我照着老样子煮了两个鸡蛋，一个替你吃了。\n\n你爸嘴上不说，早上把你的照片擦了一遍。\n\n妈妈',
  },
  {
    from: 'wife',
    body: '强子：\n\n孩子会叫爸爸了，是对着你的照片叫的。她长了四颗牙，咬人可疼。\n\n房租的事你别担心，我哥先帮着垫上了。你安心，把身体养好。\n\n红',
  },
  {
    from: 'wife',
    body: '强子：\n\n那天的事，老地方的东西我已经按你说的收好了，你懂的，别人问起就说不知道。\n\n红',
    then: [
      { move: 'withhold', reasons: ['caseTalk', 'codeWords'], note: '信里约定了对外的说法，可能影响办案' },
      { move: 'appeal', why: '“老地方的东西”是他放在我妈家的几件衣服和一把旧吉他，没有别的意思。我可以重新写' },
    ],
  },
  {
    from: 'sister',
    body: '哥：\n\n我是小芳。妈让我写信给你，她眼睛不好，写不了。家里的地今年托给二叔种了，收成还可以。\n\n你有什么要我们做的，就告诉我。\n\n妹妹 小芳',
  },
  {
    from: 'daughter',
    body: '爸爸：\n\n我这次数学考了九十六分，老师让我上台讲了最后一道大题。语文作文写的是你教我骑自行车。\n\n奶奶身体很好，就是总问你什么时候回来。\n\n小雨',
  },
  {
    from: 'daughter',
    body: '爸爸：\n\n上一封信里我忘了说，我把你的自行车擦干净了，链条也上了油。\n\n小雨',
    then: [{ move: 'withdraw' }],
  },
]
