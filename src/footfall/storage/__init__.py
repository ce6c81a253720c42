"""The one relational schema, the engines that hold it, and every statement against it."""
