package main

import "net/http"

// showPage shows a page of the CMS.
func showPage(v *visit) error {
	var data struct {
		layout
		Page *textPage
	}
	if err := v.ask("page", map[string]any{"handle": v.r.PathValue("handle")}, &data); err != nil {
		return err
	}
	if data.Page == nil {
		return errNotFound
	}
	return v.show(http.StatusOK, "text", &data.layout, data.Page.Title, data.Page)
}

// showPolicy shows a legal text of the shop.
func showPolicy(v *visit) error {
	var data struct {
		layout
		Policies *struct{ PrivacyPolicy, RefundPolicy, ShippingPolicy, TermsOfService *textPage }
	}
	if err := v.ask("policies", nil, &data); err != nil {
		return err
	}
	if data.Policies == nil {
		return errNotFound
	}
	for _, p := range []*textPage{data.Policies.PrivacyPolicy, data.Policies.RefundPolicy, data.Policies.ShippingPolicy, data.Policies.TermsOfService} {
		if p != nil && p.Handle == v.r.PathValue("handle") {
			return v.show(http.StatusOK, "text", &data.layout, p.Title, p)
		}
	}
	return errNotFound
}

// showBlog shows the articles of a blog.
func showBlog(v *visit) error {
	var data struct {
		layout
		Blog *blog
	}
	if err := v.ask("blog", map[string]any{"handle": v.r.PathValue("blog")}, &data); err != nil {
		return err
	}
	if data.Blog == nil {
		return errNotFound
	}
	return v.show(http.StatusOK, "blog", &data.layout, data.Blog.Title, data.Blog)
}

// showArticle shows an article, with the products that it tells of.
func showArticle(v *visit) error {
	var data struct {
		layout
		Blog *blog
	}
	variables := map[string]any{"blog": v.r.PathValue("blog"), "handle": v.r.PathValue("handle")}
	if err := v.ask("article", variables, &data); err != nil {
		return err
	}
	if data.Blog == nil || data.Blog.ArticleByHandle == nil {
		return errNotFound
	}
	return v.show(http.StatusOK, "article", &data.layout, data.Blog.ArticleByHandle.Title, data.Blog)
}
