import { render } from 'preact'
import './style/theme.css'
import './style/base.css'
import './style/shell.css'
import './style/controls.css'
import './style/log.css'
import './style/chart.css'
import './style/cards.css'
import './style/dead-letters.css'
import './style/ledger.css'
import './style/print.css'
import { App } from './app.tsx'

const root = document.getElementById('console')
if (root !== null) render(<App />, root)
