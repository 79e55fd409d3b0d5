// Package browser tests the page of the API in a real Chromium: it is a module of its own,
// so that a browser's protocol is not among the dependencies of the plugin. Its tests are
// skipped where there is no Chromium, and the one of accessibility where npm has not
// installed axe-core:
//
//	cd test/browser && npm install --no-save axe-core && GOWORK=off go test .
package browser
