package transport

import "testing"

func TestLiteral(t *testing.T) {
	tests := []struct{ host, want string }{
		{"192.0.2.1", "192.0.2.1"},
		{"[2001:db8::1]", "2001:db8::1"},
		{"2001:db8::1", "2001:db8::1"},
		{"[::ffff:192.0.2.1]", "192.0.2.1"},
		{"LocalHost", "127.0.0.1"},
		{"example.com", ""},
		{"a.localhost", ""},
		{"h1", ""},
		{"", ""},
	}
	for _, tt := range tests {
		a, ok := Literal([]byte(tt.host))
		if got := a.String(); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("Literal(%q) = %v, %v, want %q", tt.host, a, ok, tt.want)
		}
	}
}
