// Inlined in the head of every page, before anything is painted or fetched: no flash of the wrong colours or sizes, and
// nothing that old phones lack.
import { keptLook, wear } from './kept.ts'
import './oldPhones.ts'

const { dataset } = document.documentElement
wear(keptLook())
dataset['room'] = location.pathname.split('/')[1] ?? ''

// WeChat, QQ, Alipay, DingTalk, Feishu, Weibo, Douyin, Toutiao, Kuaishou, Baidu: browsers with a storage of their own.
const inApps = /MicroMessenger|QQ\/|AlipayClient|DingTalk|Lark|Feishu|Weibo|aweme|NewsArticle|Kwai|baiduboxapp/i
if (inApps.test(navigator.userAgent)) dataset['inApp'] = ''
