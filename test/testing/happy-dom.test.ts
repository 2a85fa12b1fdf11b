// @vitest-environment happy-dom

import { describeTrackerOnPage } from './page-promises.js'
import { describeTestTracker } from './promises.js'

describeTestTracker()
describeTrackerOnPage()
