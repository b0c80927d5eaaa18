//! A small course for tests that are about something else.

use std::path::Path;

/// One lesson with two exercises. `double` has a visible and a hidden case and a wrong answer with a remark.
pub const LESSON: &str = r#"---
title: Numbers
summary: Twice as much.
---

Some text, and `Enum.map/2`. ![two boxes](boxes.svg)

```elixir run
a = 20
IO.puts("<b>hi</b>")   # => :ok

a + 22                 # => 42
```

<!-- exercise: double points=2 -->
### Double

Write `Double.of/1`.

```elixir starter
defmodule Double do
  def of(n), do: n
end
```

```elixir test name="two"
iex> Double.of(2)
4
```

```elixir test hidden name="a secret"
iex> Double.of(-13)
-26
```

```elixir solution
defmodule Double do
  def of(n), do: n * 2
end
```

```elixir wrong fails="a secret" says="Minus signs count too."
defmodule Double do
  def of(n), do: abs(n) * 2
end
```

<details><summary>Hint</summary>Twice is times two.</details>

<details><summary>Another hint</summary>An asterisk multiplies.</details>

<details><summary>Other ways</summary>A number and itself, added.</details>
<!-- /exercise -->

<!-- exercise: answer -->
### The answer

```elixir test
iex> Answer.now()
42
```

```elixir solution
defmodule Answer do
  def now, do: 42
end
```
<!-- /exercise -->
"#;

pub const DOUBLE: &str = "defmodule Double do\n  def of(n), do: n * 2\nend\n";
pub const STARTER: &str = "defmodule Double do\n  def of(n), do: n\nend\n";
pub const ABSOLUTE: &str = "defmodule Double do\n  def of(n), do: abs(n) * 2\nend\n";

/// The authors' guide.
pub const GUIDE: &str = include_str!("../../../docs/AUTHORING.md");

/// Its examples in Markdown, in order.
pub fn guide_examples() -> impl Iterator<Item = &'static str> {
    GUIDE.split("````markdown\n").skip(1).filter_map(|rest| rest.split("````").next())
}

/// Writes the course into a folder.
pub fn write(folder: &Path) {
    let chapter = folder.join("01-first");
    std::fs::create_dir_all(&chapter).expect("a folder");
    std::fs::write(chapter.join("01-numbers.md"), LESSON).expect("a lesson");
    let boxes = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>"#;
    std::fs::write(chapter.join("boxes.svg"), boxes).expect("a picture");
}

/// The course in a folder of its own, for programs.
pub struct Course(tempfile::TempDir);

impl Course {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path());
        Self(folder)
    }

    pub fn path(&self) -> &str {
        self.0.path().to_str().expect("a path in UTF-8")
    }
}
