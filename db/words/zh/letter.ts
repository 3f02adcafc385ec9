import type { letter as lifecycle } from '../../matters/letter.ts'
import type { MoveOf, StateOf } from '../../lifecycle.ts'
import type { KindWords } from '../words.ts'
import { reasons } from './reasons.ts'

const by = (time: string | undefined, sentence: string) => (time ? `${sentence}，最晚${time}` : sentence)

const kind = {
  name: '亲情信件',
  states: {
    draft: '草稿',
    awaitingConsent: '等待办案机关同意',
    submitted: '已送达监所',
    returned: '需要修改',
    withheld: '未予转递',
    withdrawn: '已撤回',
    approved: '已通过',
    delivered: '已转递',
    read: '已阅',
    refused: '本人未收',
    declined: '办案机关未同意',
    expired: '已过期',
    closed: '已结束',
  },
  moves: {
    submit: '寄出',
    withdraw: '撤回',
    consent: '登记办案机关同意',
    refuseConsent: '登记办案机关不同意',
    approve: '通过',
    return: '退回修改',
    withhold: '不予转递',
    appeal: '提出申诉',
    recall: '收回决定',
    deliver: '确认转递',
    read: '读完',
    refuse: '不收这封信',
  },
  happened: {
    submit: '信件已送达监所',
    follow: '信件随本人转到这个监所',
    withdraw: '您撤回了这封信',
    consent: '办案机关已同意',
    proceed: '办案机关的同意已有效，信件进入审核',
    refuseConsent: '办案机关没有同意',
    suspend: '按现在的规定，这封信要先等办案机关同意',
    approve: '信件已通过',
    return: '请您修改信中标出的地方',
    withhold: '这封信没有转递',
    appeal: '您提出了申诉',
    recall: '民警收回了上一个决定',
    deliver: '信件已转递',
    read: '信件已阅',
    refuse: '本人选择不收这封信',
    expire: '超过期限，信件已过期',
    close: '本人已不在这个监所，办理结束',
  },
  closed: {
    follows: '信件随本人转往另一个监所，在那里办理',
    notOpen: '按现在的规定，信件没有对您的亲属开放，办理结束',
  },
  next: {
    draft: () => '写好后点“寄出”，没有网络也可以',
    awaitingConsent: (time) => by(time, '等办案机关同意后，会自动进入审核'),
    submitted: (time) => by(time, '民警会审核这封信'),
    returned: (time) => by(time, '请修改标出的地方，再寄一次'),
    withheld: () => '您可以提出申诉，由另一位民警重新审核',
    withdrawn: () => '内容已放回草稿，可以修改后再寄',
    approved: (time) => by(time, '会在监室内送到本人手里'),
    delivered: () => '本人读完后，这里会显示“已阅”',
    read: () => '已经办完',
    refused: () => '已经办完。本人有权不收信件',
    declined: () => '已经办完。有疑问请打监所电话',
    expired: () => '已经办完。可以重新写一封',
    closed: () => '已经办完。有疑问请打监所电话',
  },
} satisfies KindWords<StateOf<typeof lifecycle>, MoveOf<typeof lifecycle>>

export const letter = { ...kind, reasons }
