module github.com/ringback-sip/ringback

go 1.25.0

require (
	golang.org/x/net v0.58.0
	golang.org/x/sync v0.22.0
)
