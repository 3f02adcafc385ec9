// That a lawyer acts for somebody inside (委托).

/** 委托书 · 法律援助公函 */
export type Ground = 'entrusted' | 'legalAid'
export type EngagementState = 'checking' | 'accepted' | 'declined' | 'ended'
