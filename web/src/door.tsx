// The page without a token: asks for the link, or for the password if the server has one.

import { useState } from 'preact/hooks'
import { keepToken, post } from './api'

export function Door({ reason, enter }: { reason: string | null; enter: () => Promise<void> }) {
  const [said, say] = useState(reason)
  const [password, setPassword] = useState('')
  async function ask(event: Event): Promise<void> {
    event.preventDefault()
    try {
      keepToken((await post<{ token: string }>('/api/enter', { password })).token)
      await enter()
    } catch (error) {
      say((error as Error).message)
    }
  }
  return (
    <main class="door">
      <h1>Offramp</h1>
      <p>
        Open the link that <code>offramp app</code> printed: it carries the key to this workbench. If you were given
        a password, enter it here.
      </p>
      {said && <p role="alert">{said}</p>}
      <form onSubmit={(event) => void ask(event)}>
        <label>
          Password{' '}
          <input type="password" value={password} autocomplete="current-password"
            onInput={(event) => setPassword(event.currentTarget.value)} />
        </label>{' '}
        <button type="submit">Enter</button>
      </form>
    </main>
  )
}
