package cart_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/soukhq/souk/subgraphs/cart"
)

func TestParcels(t *testing.T) {
	t.Parallel()
	if got := cart.Open("EUR", "", noon).Parcels(); len(got) != 0 {
		t.Errorf("an empty cart has parcels %+v", got)
	}
	c := filled(t, item(tea, 2), item(cup, 1))
	want := []cart.Parcel{{LineIDs: []string{c.Lines[0].ID(), c.Lines[1].ID()}, Weight: 600, RequiresShipping: true}}
	if diff := cmp.Diff(want, c.Parcels()); diff != "" {
		t.Errorf("parcels (-want +got):\n%s", diff)
	}
	if got := filled(t, item(cup, 1)).Parcels(); got[0].RequiresShipping {
		t.Error("a cup that needs no shipping is shipped")
	}
}
