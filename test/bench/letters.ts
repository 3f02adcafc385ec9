// Letters for benches: the same seed gives the same letters, and no two are alike.
//
// How well a text compresses decides what its envelope may weigh, so it must compress as real letters do. gzip finds
// two things in Chinese: which characters are frequent, and which stand together. Sentences drawn whole from a bank
// would repeat by the line, and no family writes so. Here each sentence is put together from words: one of 24 shapes,
// each place filled from its own list, the front of a list more often than its end (Zipf), as in any language. A tenth
// of all words is made of two characters drawn from the 3,000 most usual ones, for names, places and all that no list
// knows. What comes out gzips to 0.9 bytes a character; how that compares with real letters was not measured.

const lists: Readonly<Record<string, readonly string[]>> = {
  谁: split(
    '我 你 妈 你爸 孩子 弟弟 妹妹 奶奶 姐姐 爷爷 舅舅 二叔 姑姑 邻居 老师 小明 老王 表哥 嫂子 外婆 大伯 医生 同事 小芳 房东 村长',
  ),
  时: split(
    '今天 昨天 这几天 上个月 前天 早上 晚上 周末 中午 最近 下个月 过年 秋天 入冬以后 去年 半夜 清明 端午 放假 开学 那天 刚才',
  ),
  做: split(
    '去看了 回来了 做好了 想起 打电话问 收拾 买了 种上 修好 送来 学会 晒了 洗干净 煮了 写完 找到 盼着 说起 记得 安排好 搬进 借给 换了 缝好 存了 卖掉 摘了 领到 报了名 考过',
  ),
  物: split(
    '饭 衣服 柿子 院子 房子 自行车 被子 药 学费 棉鞋 照片 毛衣 白菜 电视 作业 地里的玉米 屋顶 工资 车票 书包 水管 米 鸡蛋 那封信 腌菜 树苗 灯 旧沙发 鱼 手套 饺子 豆腐 围巾 炉子',
  ),
  样: split(
    '好 很好 高兴 不错 比以前好 累 放心 不容易 暖和 冷 安静 热闹 踏实 慢 快 新 干净 甜 难 平安 结实 忙 精神 瘦了些 稳当',
  ),
  处: split('家里 学校 医院 县城 河边 厨房 地里 厂里 车站 院子里 老家 市场 楼下 山上 班上 隔壁 镇上 路口 阳台 巷子'),
  话: split(
    '别惦记 多穿点 按时吃饭 听管教的话 把身体养好 安心 不要急 慢慢来 往前看 早点睡 写信告诉我 别想太多 我们等你 互相照应 少抽烟 好好改',
  ),
  因: split('因为 所以 不过 可是 后来 其实 再说 幸好 只是 而且 要是 虽然 等到 谁知道 听说 没想到'),
  数: split('一 两 三 四 五 六 七 八 九 十 十二 二十 半 几 三十多 九十六 一百'),
}

const shapes = split(
  '时谁在处做物 谁的物样 因谁说话 谁时做数次物 处的物样，谁也样 谁做物，样 你要话 因时样，谁就做物 谁问你样不样 物已经数斤了 谁和谁时到处做物 时处样，物也样 谁总说，话 因谁做物，你话 数个月没见，谁样 处来了谁，做物 你做的物，谁还做着 时谁梦见你在处 谁把物放在处 物是谁时做的 谁样，你话 别的都样，因物还没做 谁数岁了，样 等你回来，谁做物',
)

const marks = ['。', '。', '。', '。', '！', '？', '……']

/** @returns exactly so many characters, in paragraphs, as a person writes */
export function letterOf(characters: number, chance: () => number): string {
  let text = ''
  while ([...text].length < characters) {
    const shape = pick(shapes, chance)
    for (const place of shape) text += lists[place] ? wordFor(place, chance) : place
    text += marks[Math.floor(chance() * marks.length)]
    if (chance() < 0.12) text += '\n\n'
  }
  return [...text].slice(0, characters).join('')
}

function wordFor(place: string, chance: () => number): string {
  if (chance() < 0.1) return rare(chance) + rare(chance)
  return pick(lists[place] ?? [], chance)
}

/** The front more often than the end: the n-th of a list about 1/n as often as the first. */
const pick = (list: readonly string[], chance: () => number): string =>
  list[Math.floor((list.length + 1) ** chance()) - 1] as string

/** GB 2312 orders its 3,755 usual characters by sound; TextDecoder knows them. */
function rare(chance: () => number): string {
  const [row, cell] = [0xb0 + Math.floor(chance() * 39), 0xa1 + Math.floor(chance() * 94)]
  return new TextDecoder('gb18030').decode(new Uint8Array([row, cell]))
}

function split(words: string): readonly string[] {
  return words.split(' ')
}
