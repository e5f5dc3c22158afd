module github.com/ringback-sip/ringback

go 1.25
