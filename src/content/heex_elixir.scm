; Where Elixir stands in HEEx. What spans several tags (`<%= if … do %>` to `<% end %>`) is one piece of code.

((directive [(partial_expression_value) (ending_expression_value)] @injection.content)
  (#set! injection.language "elixir") (#set! injection.include-children) (#set! injection.combined))
((directive (expression_value) @injection.content) (#set! injection.language "elixir"))
((expression (expression_value) @injection.content)
  (#set! injection.language "elixir") (#set! injection.include-children))
