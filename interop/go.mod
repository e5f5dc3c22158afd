module github.com/ringback-sip/ringback/interop

go 1.25

tool github.com/ringback-sip/ringback/cmd/sip

require github.com/ringback-sip/ringback v0.0.0 // indirect

replace github.com/ringback-sip/ringback => ../
