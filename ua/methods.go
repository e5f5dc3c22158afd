package ua

import "github.com/ringback-sip/ringback/parser"

// A Handler may say which methods are its own: they stand in Allow too.
type methods interface {
	Methods() []parser.Method
}

// handled returns the methods that Handlers name as their own.
func handled(all []Handler) (names []string) {
	for _, h := range all {
		m, ok := h.(methods)
		if !ok {
			continue
		}
		for _, method := range m.Methods() {
			names = append(names, method.String())
		}
	}
	return names
}
