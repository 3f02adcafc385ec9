// What a relative is to the person inside.

export const kins = ['spouse', 'parent', 'child', 'sibling', 'other'] as const
