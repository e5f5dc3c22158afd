package parser

import "testing"

// The request line of a Builder is what was written, wherever in a buffer it stands.
func TestBuilderRequestLine(t *testing.T) {
	uri, err := ParseURI([]byte("sip:b@h;method=BYE;lr?Subject=x"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		write       func(*Builder)
		method, uri string
	}{
		"request":  {func(b *Builder) { b.Request(MethodInvite, uri); b.Header(HeaderCallID, "1") }, "INVITE", "sip:b@h;lr"},
		"named":    {func(b *Builder) { b.RequestNamed([]byte("FOO"), uri) }, "FOO", "sip:b@h;lr"},
		"nothing":  {func(*Builder) {}, "", ""},
		"an error": {func(b *Builder) { b.Request(MethodInvite, uri); b.Header(HeaderCallID, "\x00") }, "", ""},
		"response": {func(b *Builder) {
			var m Message
			if err := m.Parse(request()); err != nil {
				t.Fatal(err)
			}
			b.Response(&m, StatusOK, "", "")
		}, "", ""},
	} {
		var b Builder
		b.Reset([]byte("before"))
		tt.write(&b)
		if method, uri := b.RequestLine(); string(method) != tt.method || string(uri) != tt.uri {
			t.Errorf("%s: got %q %q, want %q %q", name, method, uri, tt.method, tt.uri)
		}
	}
}
