// Light, dark, or as the system has it; kept in this browser.

import { effect, signal } from '@preact/signals'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'offramp-theme'
const kept = localStorage.getItem(KEY)

export const theme = signal<Theme>(THEMES.find((one) => one === kept) ?? 'system')

effect(() => {
  if (theme.value === 'system') {
    delete document.documentElement.dataset['theme']
    localStorage.removeItem(KEY)
  } else {
    document.documentElement.dataset['theme'] = theme.value
    localStorage.setItem(KEY, theme.value)
  }
})
