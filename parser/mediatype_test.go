package parser

import "testing"

func TestMediaType(t *testing.T) {
	for _, row := range []struct {
		in, kind, subtype, boundary string
		err                         Error
	}{
		{"application/sdp", "application", "sdp", "", 0},
		{"Application / SDP ; charset = UTF-8", "Application", "SDP", "", 0},
		{"multipart/mixed;boundary=7a9cbec02ceef655", "multipart", "mixed", "7a9cbec02ceef655", 0},
		{`multipart/mixed; Boundary="a;b"`, "multipart", "mixed", `"a;b"`, 0},
		{"application/conference-info+xml", "application", "conference-info+xml", "", 0},
		{"*/*", "*", "*", "", 0},
		{"", "", "", "", errMediaType},
		{"application", "", "", "", errMediaType},
		{"application/", "", "", "", errMediaType},
		{"/sdp", "", "", "", errMediaType},
		{"application sdp", "", "", "", errMediaType},
		{"application/sdp;x", "", "", "", errParamValue},
		{"application/sdp;", "", "", "", errStray},
		{"application/sdp;a=1;A=1", "", "", "", errParamTwice},
		{"application/sdp x", "", "", "", errTrailing},
		{"application/sdp, text/plain", "", "", "", errTrailing},
	} {
		m := mustParse(t, request("Content-Type: "+row.in))
		mt, err := m.ContentType()
		b, ok := mt.Param("boundary")
		if err != row.err.orNil() || string(mt.Type()) != row.kind || string(mt.Subtype()) != row.subtype || string(b) != row.boundary ||
			ok != (row.boundary != "") {
			t.Errorf("%q: got %q %q %q %v, want %q %q %q %v", row.in, mt.Type(), mt.Subtype(), b, err, row.kind, row.subtype, row.boundary, row.err)
		}
		other, err := ParseMediaType([]byte(" " + row.in + "\t"))
		if err != row.err.orNil() || string(other.Raw()) != string(mt.Raw()) {
			t.Errorf("ParseMediaType(%q): got %q %v", row.in, other.Raw(), err)
		}
		if row.err == 0 && string(mt.Raw()) != row.in {
			t.Errorf("%q: got raw %q", row.in, mt.Raw())
		}
	}
	if _, err := mustParse(t, request()).ContentType(); err != ErrAbsent {
		t.Errorf("absent: got %v", err)
	}
}

func TestMediaTypeIs(t *testing.T) {
	for _, row := range []struct {
		in, s string
		want  bool
	}{
		{"application/sdp", "application/sdp", true},
		{"Application / SDP;a=b", "application/sdp", true},
		{"application/sdp", "application/sd", false},
		{"application/sdp", "application/sdpx", false},
		{"application/sdp", "applicatio/nsdp", false},
		{"application/sdp", "", false},
		{"a/b", "a/b/c", false},
	} {
		mt, err := ParseMediaType([]byte(row.in))
		if err != nil {
			t.Fatal(err)
		}
		if got := mt.Is(row.s); got != row.want {
			t.Errorf("%q is %q: got %v, want %v", row.in, row.s, got, row.want)
		}
	}
	if (MediaType{}).Is("") || (MediaType{}).Is("/") {
		t.Error("the zero MediaType is something")
	}
	mt, err := ParseMediaType([]byte("a/b;c=d;e=f"))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for name, value := range mt.Params() {
		got += string(name) + string(value)
	}
	if got != "cdef" {
		t.Errorf("parameters: got %q, want cdef", got)
	}
}
