module github.com/ringback-sip/ringback/interop

go 1.25.0

tool github.com/ringback-sip/ringback/cmd/sip

require github.com/ringback-sip/ringback v0.0.0

require (
	golang.org/x/net v0.58.0 // indirect
	golang.org/x/sync v0.22.0 // indirect
)

replace github.com/ringback-sip/ringback => ../
