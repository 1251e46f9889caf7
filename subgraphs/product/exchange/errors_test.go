package exchange_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/internal/outbox/outboxtest"
	"github.com/soukhq/souk/subgraphs/product"
	"github.com/soukhq/souk/subgraphs/product/exchange"
	"github.com/soukhq/souk/subgraphs/product/postgres"
)

// Errors name the line in the file where the record starts, all of them, and nothing is imported.
func TestErrorsOfAFile(t *testing.T) {
	t.Parallel()
	db := outboxtest.New(t, postgres.Migrations)
	store := postgres.New(db)
	for name, c := range map[string]struct {
		csv  string
		want []string
	}{
		"no handle and no title column": {"Vendor,Variant Price\nx,1\n", []string{"line 1, Handle: The column is missing.", "line 1, Title: The column is missing."}},
		"only a header":                 {"Handle,Title\n\n", []string{"line 1: There is a header, but no product."}},
		"a column twice":                {"Handle,Title,title\na,A,A\n", []string{"line 1, title: The column is there twice."}},
		"amounts (rule M-2)": {
			"Handle,Title,Variant Price,Variant Compare At Price\na,A,19.999,\nb,B,\"1,250.00\",\nc,C,-1,\nd,D,$5,12.5x\ne,E,1.10,99999999999999999999\n",
			[]string{
				`line 2, Variant Price: "19.999" has more decimals than EUR has.`,
				`line 3, Variant Price: "1,250.00" is not an amount such as 1250.00: digits, and a point before the decimals.`,
				`line 4, Variant Price: "-1" is less than nothing.`,
				`line 5, Variant Price: "$5" is not an amount such as 1250.00: digits, and a point before the decimals.`,
				`line 5, Variant Compare At Price: "12.5x" is not an amount such as 1250.00: digits, and a point before the decimals.`,
				`line 6, Variant Compare At Price: "99999999999999999999" is too large.`,
			},
		},
		"a line after quoted line breaks": {
			"Handle,Title,Body (HTML),Price\r\na,A,\"one\r\ntwo\r\n\r\nthree\",1\r\n\r\nb,B,,x\r\n",
			[]string{`line 7, Price: "x" is not an amount such as 1250.00: digits, and a point before the decimals.`},
		},
		"quotes": {
			"Handle,Title\na,A \"quoted\" word\n,no handle\nc,\"open\n",
			[]string{"line 2: A quote stands in a value that does not begin with one.", "line 3, Handle: The handle is missing.", "line 4: A quoted value does not end as it should."},
		},
		"too many values":  {"Handle,Title\na,A,B\nb,B,,,\n", []string{"line 2: The line has more values than the header has columns."}},
		"not UTF-8":        {"Handle,Title\na,A\xff\nb,B\x00\n", []string{"line 2, Title: The value is not text in UTF-8.", "line 2, Title: The first line of a product has its title.", "line 3, Title: The value is not text in UTF-8.", "line 3, Title: The first line of a product has its title."}},
		"handle and title": {"URL handle,Title\na b,A\nc,\nd,D\n", []string{`line 2, URL handle: The handle "a b" has characters other than letters, digits, dashes and underscores.`, "line 3, Title: The first line of a product has its title."}},
		"options": {
			"Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price\n" +
				"a,A,Size,S,Colour,Red,1\na,,,S,,Red,1\na,,,M,,,1\nb,B,,Blue,,,1\nc,C,Size,S,size,S,1\nd,D,,,Colour,Red,1\n",
			[]string{
				"line 3, Option1 Value: The variant is there twice: also in line 2.",
				`line 4, Option2 Value: The value of the option "Colour" is missing.`,
				`line 5, Option1 Value: The value "Blue" belongs to no option: the first line of the product names them.`,
				`line 6, Option2 Name: The option "size" is there twice.`,
				"line 7, Option2 Name: The option before it has no name.",
				`line 7, Option1 Value: The value of the option "Colour" is missing.`,
				`line 7, Option2 Value: The value "Red" belongs to no option: the first line of the product names them.`,
			},
		},
		"words": {
			"Handle,Title,Published,Status,Variant Inventory Qty,Variant Inventory Policy,Variant Grams,Variant Weight Unit,Variant Taxable,Image Position,Image Src\n" +
				"a,A,maybe,gone,1.5,never,heavy,stone,1,0,https://img.test/a.png\n",
			[]string{
				`line 2, Published: "maybe" is neither true nor false.`, `line 2, Status: "gone" is not active, draft or archived.`,
				`line 2, Image Position: "0" is not a position: 1, 2, 3 and so on.`, `line 2, Variant Weight Unit: "stone" is not g, kg, oz or lb.`,
				`line 2, Variant Grams: "heavy" is not a number of grams.`, `line 2, Variant Taxable: "1" is neither true nor false.`,
				`line 2, Variant Inventory Qty: "1.5" is not a whole number of pieces.`, `line 2, Variant Inventory Policy: "never" is neither deny nor continue.`,
			},
		},
		"pictures": {
			"Handle,Title,Image Src\na,A,../secret.png\nb,B,/etc/passwd\nc,C,none.png\nd,D,text.png\ne,E,ftp://img.test/a.png\n",
			[]string{
				`line 2, Image Src: "../secret.png" cannot be imported: it is neither an address that begins with https:// nor a file beside the imported one.`,
				`line 3, Image Src: "/etc/passwd" cannot be imported: it is neither an address that begins with https:// nor a file beside the imported one.`,
				`line 4, Image Src: "none.png" cannot be imported: there is no such file.`,
				`line 5, Image Src: "text.png" cannot be imported: the file is not a JPEG, PNG, GIF or WebP picture.`,
				`line 6, Image Src: "ftp://img.test/a.png" is not the address of a picture.`,
			},
		},
		"a collection without a letter": {"Handle,Title,Collection\na,A,***\n", []string{`line 2, Collection: "***" has no letter or digit to make an address of.`}},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{"text.png": {Data: []byte("no picture")}}
			good := c.csv + "good,Good\n"
			_, err := exchange.ImportShopify(t.Context(), strings.NewReader(good), store, exchange.Options{Currency: "EUR", Now: noon, Files: files, MediaDir: t.TempDir()}, nil)
			var wrong *exchange.FileError
			if !errors.As(err, &wrong) {
				_, err = exchange.ImportShopify(t.Context(), strings.NewReader(c.csv), store, exchange.Options{Currency: "EUR", Now: noon, Files: files, MediaDir: t.TempDir()}, nil)
			}
			if !errors.As(err, &wrong) {
				t.Fatalf("%v, want a FileError", err)
			}
			if diff := cmp.Diff(c.want, strings.Split(wrong.Error(), "\n")); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
	if n, err := store.CountProducts(t.Context(), view, product.Filters{}, 10); n != 0 || err != nil {
		t.Errorf("%d products were imported, %v; want none", n, err)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Handle,Title,Variant Price\n")
	for i := range 250 {
		fmt.Fprintf(&b, "h%d,T,free\n", i)
	}
	_, err := exchange.ImportShopify(t.Context(), strings.NewReader(b.String()), nil, exchange.Options{Currency: "EUR", Now: noon}, nil)
	var wrong *exchange.FileError
	if !errors.As(err, &wrong) || len(wrong.Errors) != 100 || wrong.Total != 250 || !strings.HasSuffix(wrong.Error(), "\nand 150 more") {
		t.Errorf("%v, want 100 errors and 150 more", err)
	}
}

func TestWhatIsNoFileOrNoChoice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		csv     string
		options exchange.Options
		want    string
	}{
		"an empty file":       {"", exchange.Options{Currency: "EUR"}, "the file is empty"},
		"an unknown choice":   {"Handle,Title\na,A\n", exchange.Options{Currency: "EUR", CollectionsFrom: "vendors"}, `collections are made from "tags" or "types", not from "vendors"`},
		"an unknown currency": {"Handle,Title\na,A\n", exchange.Options{Currency: "euro"}, `currency "euro": there is no such currency`},
	} {
		_, err := exchange.ImportShopify(t.Context(), strings.NewReader(c.csv), nil, c.options, nil)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// FuzzImport reads any bytes as a file: it ends in errors of the file, or in products that are whole.
func FuzzImport(f *testing.F) {
	f.Add("Handle,Title\na,A\n")
	f.Add("\xEF\xBB\xBFHandle,Title,Option1 Name,Option1 Value,Image Src\r\na,\"A\nB\",Size,S,x.png\r\na,,,M,//img.test/a\r\n")
	f.Add("Handle,Title,Variant Price,Tags,Body (HTML)\na,A,1.00,\"b,a\",<p>x<script>y</script>\n")
	f.Fuzz(func(t *testing.T, csv string) {
		store := &memory{}
		_, err := exchange.ImportShopify(t.Context(), strings.NewReader(csv), store, exchange.Options{Currency: "EUR", Now: noon, CollectionsFrom: exchange.FromTags}, nil)
		var wrong *exchange.FileError
		if errors.As(err, &wrong) && (wrong.Total == 0 || len(wrong.Errors) > 100 || store.saved != nil) {
			t.Errorf("%d errors, %d of them told, %d products saved", wrong.Total, len(wrong.Errors), len(store.saved))
		}
		for _, p := range store.saved {
			if p.Handle == "" || p.Title == "" || len(p.Variants) == 0 {
				t.Errorf("%+v was saved", p)
			}
			for _, v := range p.Variants {
				if len(v.Values) != len(p.Options) || v.Title() == "" {
					t.Errorf("a variant of %s has %d values for %d options", p.Handle, len(v.Values), len(p.Options))
				}
			}
			if again, changed := p.Become(p, noon); changed {
				t.Errorf("%+v differs from itself: %+v", p, again)
			}
		}
	})
}
