"""Which LoRA each motion and character gets, and the tasks that train those that there are none of yet."""
