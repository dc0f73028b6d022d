// Start of the page: takes the token from the link, gets the caller's role, and shows the workbench or a match.

import { render } from 'preact'
import './styles/page.css'
import { App } from './app'
import { Door } from './door'
import { enter, get } from './api'
import type { Hello } from './model'
import { hello } from './session'

const root = document.getElementById('page')!

async function begin(): Promise<void> {
  const known = enter()
  try {
    if (!known) throw new Error('no token')
    hello.value = await get<Hello>('/api/hello')
  } catch (error) {
    render(<Door reason={known ? String((error as Error).message) : null} enter={begin} />, root)
    return
  }
  root.replaceChildren()
  render(<App />, root)
}

void begin()
